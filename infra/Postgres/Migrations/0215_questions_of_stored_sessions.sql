-- Sessions stored before: their questions and consents. Only the new tables are locked.
INSERT INTO questions (session_id, question_index, tenant, question_id, text, kind, category, passage, key_points, follow_up_of, source, updated_at)
SELECT DISTINCT ON (s.session_id, q.position) s.session_id, q.position - 1, s.tenant, coalesce(q.question ->> 'id', ''), coalesce(q.question ->> 'text', ''),
    lower(replace(coalesce(q.question ->> 'kind', ''), 'ANSWER_KIND_', '')), coalesce(q.question ->> 'competency', ''), coalesce(q.question ->> 'passage', ''),
    coalesce(q.question -> 'keyPoints', '[]'), coalesce(q.question ->> 'followUpOf', ''), coalesce(q.question ->> 'source', ''), s.updated_at
FROM interview_sessions s, jsonb_array_elements(s.questions) WITH ORDINALITY AS q (question, position)
ORDER BY s.session_id, q.position, s.updated_at DESC
ON CONFLICT DO NOTHING;

INSERT INTO consents (session_id, changed_at, tenant, video_emotion, face_presence, blink, audio_transcription)
SELECT session_id, consent_given_at, tenant, consent_video_emotion, consent_face_presence, consent_blink, consent_audio_transcription
FROM interview_sessions WHERE consent_given_at IS NOT NULL
ON CONFLICT DO NOTHING;

INSERT INTO consents (session_id, changed_at, tenant, video_emotion, face_presence, blink, audio_transcription)
SELECT session_id, at, tenant, coalesce((c ->> 'videoEmotion')::boolean, false), coalesce((c ->> 'facePresence')::boolean, false),
    coalesce((c ->> 'blink')::boolean, false), coalesce((c ->> 'audioTranscription')::boolean, false)
FROM session_events, LATERAL (SELECT detail -> 'consentChanged') AS changed (c) WHERE kind = 'ConsentChanged'
ON CONFLICT DO NOTHING;
