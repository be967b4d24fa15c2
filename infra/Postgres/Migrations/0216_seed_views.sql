-- The seeds' tables that have another shape here, by the seeds' names.

-- S2 emotion_analysis: every analysed frame, and every window of 10 s (which knows the blinks). Ask for one session.
CREATE VIEW emotion_analysis AS
SELECT session_id || '/' || sequence AS id, session_id, captured_at AS "timestamp", 'frame' AS kind, dominant AS emotion,
    greatest(angry, disgust, fear, happy, sad, surprise, neutral) AS confidence, NULL::integer AS blink_count, face_count > 0 AS face_detected,
    jsonb_build_object('faceCount', face_count, 'eyeOpenness', eye_openness, 'eyesClosed', eyes_closed, 'model', model_version) AS metadata, analysed_at AS created_at
FROM emotion_observations
UNION ALL
SELECT session_id || '/w' || first_sequence, session_id, start_at, 'window', dominant, greatest(angry, disgust, fear, happy, sad, surprise, neutral), blinks,
    frames_with_face > 0, jsonb_build_object('framesAnalysed', frames_analysed, 'framesWithFace', frames_with_face, 'endAt', end_at), stored_at
FROM emotion_windows;

-- S0 interview_responses: an answer with what was made of it.
CREATE VIEW interview_responses AS
SELECT a.answer_id AS id, a.session_id, a.question_text, coalesce(nullif(t.text, ''), a.text) AS transcript, s.technical, s.communication, s.feedback, a.submitted_at AS created_at
FROM answers a LEFT JOIN transcripts t ON t.answer_id = a.answer_id LEFT JOIN scores s ON s.answer_id = a.answer_id;

-- S2 scores: those of a whole session, from its report.
CREATE VIEW session_scores AS
SELECT session_id, technical AS technical_score, communication AS communication_score, emotion AS emotion_score, overall AS overall_score,
    notes AS feedback, completed_at AS created_at
FROM reports;

-- S0, S2 interview_sessions: with the user, the duration and the score.
CREATE VIEW interview_session_details AS
SELECT s.session_id AS id, s.tenant, s.candidate_id AS user_id, s.position, s.status, r.overall AS score, r.started_at, r.completed_at,
    extract(epoch FROM r.completed_at - r.started_at)::integer AS total_duration_s, s.created_at
FROM interview_sessions s LEFT JOIN reports r ON r.session_id = s.session_id;
