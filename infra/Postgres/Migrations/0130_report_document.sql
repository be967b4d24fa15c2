-- The whole report as the topic carries it (InterviewReport in Protobuf's JSON), and which revision of it that is.
ALTER TABLE reports ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE reports ADD COLUMN document jsonb;

-- Reports written before: what their columns and the scores hold.
UPDATE reports r SET document = jsonb_build_object(
    'sessionId', session_id, 'tenant', tenant, 'candidateId', candidate_id, 'position', position, 'revision', 1,
    'overall', overall, 'technical', technical, 'communication', communication, 'emotion', emotion, 'behaviour', behaviour,
    'emotionKnown', dominant <> '', 'behaviourKnown', frames_analysed > 0 OR audio_ms > 0, 'dominantEmotion', dominant,
    'framesAnalysed', frames_analysed, 'framesWithFace', frames_with_face, 'framesDeadLettered', frames_dead_lettered,
    'blinks', blinks, 'speechMs', speech_ms, 'audioMs', audio_ms, 'needsHumanReview', needs_human_review, 'notes', notes,
    'startedAtMs', (extract(epoch FROM started_at) * 1000)::bigint, 'completedAtMs', (extract(epoch FROM completed_at) * 1000)::bigint,
    'revisedAtMs', (extract(epoch FROM completed_at) * 1000)::bigint,
    'scores', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'answerId', answer_id, 'sessionId', session_id, 'tenant', tenant, 'questionId', question_id, 'questionIndex', question_index,
            'technical', technical, 'communication', communication, 'feedback', feedback, 'evidence', evidence, 'engine', engine,
            'rubricVersion', rubric_version, 'needsHumanReview', needs_human_review, 'reviewReason', review_reason,
            'scoredAtMs', (extract(epoch FROM scored_at) * 1000)::bigint) ORDER BY question_index)
        FROM scores s WHERE s.session_id = r.session_id), '[]'::jsonb))
    || CASE WHEN angry IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('meanEmotion', jsonb_build_object(
        'angry', angry, 'disgust', disgust, 'fear', fear, 'happy', happy, 'sad', sad, 'surprise', surprise, 'neutral', neutral)) END;

ALTER TABLE reports ALTER COLUMN document SET NOT NULL;
