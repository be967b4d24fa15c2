namespace StreamPlatform.Streams;

/// <summary>The group's word on who we are, fetched before every commit. Empty member id = not in the group now.</summary>
public sealed record GroupMembership(string MemberId, object Native);
