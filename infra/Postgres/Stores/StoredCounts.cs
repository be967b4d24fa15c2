namespace StreamPlatform.Postgres.Stores;

/// <summary>Rows stored for one session, to compare with what was sent.</summary>
public sealed record StoredCounts(long Sessions, long Answers, long Transcripts, long Scores, long Reports, long Windows, long EmotionRows, long AuditEvents);
