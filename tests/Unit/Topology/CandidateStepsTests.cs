using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class CandidateStepsTests
{
    private CandidateState? state;
    private long now = 1_000_000;

    [Fact]
    public void The_candidate_is_followed_though_a_larger_face_comes_into_view()
    {
        Assert.Equal("happy", See(Face(0.3f, 0.3f, 0.2f, happy: 0.9f)).Dominant);
        var seen = See(Face(0.6f, 0.2f, 0.35f, happy: 0.1f), Face(0.32f, 0.31f, 0.2f, happy: 0.9f));
        Assert.Equal("happy", seen.Dominant);
        Assert.Equal(0.32f, seen.Face.Left);
        Assert.Equal((2, 1, 1), (seen.FaceCount, seen.ExtraFaces, seen.Track));
        Assert.Equal([FrameQuality.SeveralFaces], seen.Quality);
    }

    [Fact]
    public void A_candidate_who_leans_quickly_aside_is_followed_by_distance_and_size()
    {
        See(Face(0.3f, 0.3f, 0.2f));
        var seen = See(Face(0.05f, 0.1f, 0.4f, happy: 0.1f), Face(0.48f, 0.35f, 0.19f));
        Assert.Equal(0.48f, seen.Face.Left);
        Assert.Equal(1, seen.Track);
    }

    [Fact]
    public void Two_faces_that_pass_each_other_keep_their_tracks()
    {
        See(Face(0.1f, 0.3f, 0.15f, happy: 0.9f));
        for (var i = 1; i <= 10; i++)
        {
            var seen = See(Face(0.1f + (0.05f * i), 0.3f, 0.15f, happy: 0.9f), Face(0.7f - (0.05f * i), 0.5f, 0.22f, happy: 0.1f));
            Assert.Equal(("happy", 1), (seen.Dominant, seen.Track));
        }
    }

    [Fact]
    public void Of_another_person_nothing_but_the_number_is_kept_while_the_candidate_is_away()
    {
        See(Face(0.1f, 0.3f, 0.2f));
        var seen = See(Face(0.75f, 0.1f, 0.1f));
        Assert.Equal([FrameQuality.CandidateAbsent], seen.Quality);
        Assert.Null(seen.Probabilities);
        Assert.Null(seen.Face);
        Assert.Equal((1, 1, 0f), (seen.FaceCount, seen.ExtraFaces, seen.EyeOpenness));
    }

    [Fact]
    public void A_face_that_stays_when_the_candidate_is_long_gone_begins_a_new_track()
    {
        See(Face(0.1f, 0.3f, 0.2f));
        var tracks = Enumerable.Range(0, 8).Select(_ => See(Face(0.75f, 0.1f, 0.1f))).ToList();
        Assert.Equal([1, 1, 1, 1, 1, 2, 2, 2], tracks.Select(each => each.Track));
        Assert.NotNull(tracks[^1].Probabilities);
    }

    [Fact]
    public void A_candidate_who_comes_back_to_the_same_place_is_the_same_track()
    {
        See(Face(0.4f, 0.3f, 0.2f));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal([FrameQuality.NoFace], See().Quality);
        }

        Assert.Equal(1, See(Face(0.41f, 0.3f, 0.2f)).Track);
    }

    [Fact]
    public void Profile_dark_and_blurred_are_said_and_make_the_emotion_unreliable()
    {
        Assert.False(See(Face(0.4f, 0.3f, 0.2f)).EmotionUnreliable);
        var good = Face(0.4f, 0.3f, 0.2f);
        foreach (var (face, quality) in new[]
        {
            (good with { YawDegrees = -60 }, FrameQuality.Profile), (good with { Luminance = 0.02f }, FrameQuality.Dark), (good with { Sharpness = 0 }, FrameQuality.Blurred),
        })
        {
            var seen = See(face);
            Assert.Equal([quality], seen.Quality);
            Assert.True(seen.EmotionUnreliable);
            Assert.NotNull(seen.Probabilities);
            Assert.False(seen.EyesClosed);
        }
    }

    [Fact]
    public void A_dark_image_without_a_face_says_both()
    {
        (state, var outputs) = CandidateSteps.Follow(state, new FrameReading(new EmotionObserved(), new FaceAnalysis(0, null, null, 0, false) { Luminance = 0.01f }));
        Assert.Equal([FrameQuality.NoFace, FrameQuality.Dark], outputs[0].Quality);
    }

    [Fact]
    public void A_closure_begins_in_one_frame_only()
    {
        for (var i = 0; i < 10; i++)
        {
            See(Face(0.4f, 0.3f, 0.2f));
        }

        var shut = Face(0.4f, 0.3f, 0.2f) with { EyeOpenness = 0.08f };
        var seen = new[] { See(shut), See(shut), See(Face(0.4f, 0.3f, 0.2f)), See(shut) };
        Assert.Equal([true, false, false, true], seen.Select(each => each.ClosureBegan));
        Assert.Equal([true, true, false, true], seen.Select(each => each.EyesClosed));
    }

    [Fact]
    public void Another_persons_eyes_are_not_measured_by_the_candidates()
    {
        for (var i = 0; i < 10; i++)
        {
            See(Face(0.1f, 0.3f, 0.2f) with { EyeOpenness = 0.45f });
        }

        now += 10_000;
        var other = See(Face(0.75f, 0.1f, 0.1f) with { EyeOpenness = 0.22f });
        Assert.Equal((2, false), (other.Track, other.EyesClosed));
    }

    private EmotionObserved See(params FaceReading[] faces)
    {
        now += 500;
        var ordered = faces.OrderByDescending(face => face.Box.Width).ToArray();
        var first = ordered.FirstOrDefault();
        var analysis = new FaceAnalysis(faces.Length, first?.Box, first?.Probabilities, first?.EyeOpenness ?? 0, false) { Faces = ordered };
        (state, var outputs) = CandidateSteps.Follow(state, new FrameReading(new EmotionObserved { CapturedAtMs = now, FaceCount = faces.Length }, analysis));
        return Assert.Single(outputs);
    }

    private static FaceReading Face(float left, float top, float size, float happy = 0.9f) => new(
        new FaceBox { Left = left, Top = top, Width = size, Height = size, Confidence = 0.9f },
        new EmotionProbabilities { Happy = happy, Neutral = 1 - happy }, EyeOpenness: 0.3f, YawDegrees: 0, Luminance: 0.5f, Sharpness: 0.5f);
}
