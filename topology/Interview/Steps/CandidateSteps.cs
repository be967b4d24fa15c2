using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>
/// Follows the candidate's face through a session. Of other faces nothing leaves this step but their number: they have consented to nothing.
/// </summary>
public static class CandidateSteps
{
    /// <summary>When the candidate's face has not been seen for this long, the largest face begins a new track.</summary>
    public const long LostAfterMs = 3_000;

    /// <summary>The observation of one frame. Frames come in order of capture.</summary>
    public static (CandidateState State, IReadOnlyList<EmotionObserved> Outputs) Follow(CandidateState? state, FrameReading reading)
    {
        var next = state?.Clone() ?? new CandidateState();
        var observed = reading.Observed.Clone();
        var faces = Faces(reading.Analysis);
        var chosen = Choose(next, faces, observed.CapturedAtMs);
        observed.Track = next.Track;
        observed.ExtraFaces = Math.Max(0, observed.FaceCount - (chosen is null ? 0 : 1));
        if (observed.FaceCount > 1)
        {
            observed.Quality.Add(FrameQuality.SeveralFaces);
        }

        if (chosen is null)
        {
            Absent(observed, reading.Analysis);
        }
        else
        {
            Describe(observed, chosen, next);
        }

        return (next, [FrameSteps.KeepAllowed(observed)]);
    }

    private static FaceReading? Choose(CandidateState state, IReadOnlyList<FaceReading> faces, long atMs)
    {
        if (faces.Count == 0)
        {
            return null;
        }

        var index = state.Box is null ? -1 : FaceTracker.Match(state.Box, atMs - state.SeenAtMs, faces);
        if (index < 0)
        {
            if (state.Box is not null && atMs - state.SeenAtMs < LostAfterMs)
            {
                return null;
            }

            // The largest: whoever sits at the camera.
            index = 0;
            state.Track++;
            state.Eyes = null;
        }

        state.Box = faces[index].Box;
        state.SeenAtMs = atMs;
        return faces[index];
    }

    private static void Absent(EmotionObserved observed, FaceAnalysis analysis)
    {
        observed.Quality.Add(observed.FaceCount == 0 ? FrameQuality.NoFace : FrameQuality.CandidateAbsent);
        observed.Luminance = analysis.Luminance;
        if (analysis.Luminance < FaceQuality.DarkBelow)
        {
            observed.Quality.Add(FrameQuality.Dark);
        }
    }

    private static void Describe(EmotionObserved observed, FaceReading face, CandidateState state)
    {
        FrameQuality[] limits = [.. FaceQuality.Of(face)];
        observed.Quality.Add(limits);
        observed.EmotionUnreliable = limits.Length > 0;
        observed.Face = face.Box;
        observed.Probabilities = face.Probabilities;
        observed.Dominant = Emotions.Dominant(face.Probabilities);
        observed.EyeOpenness = face.EyeOpenness;
        observed.YawDegrees = face.YawDegrees;
        observed.Luminance = face.Luminance;
        observed.Sharpness = face.Sharpness;
        if (observed.EmotionUnreliable || observed.NoBlink)
        {
            return; // lids that cannot, or must not, be seen are neither open nor shut
        }

        var wasClosed = state.Eyes?.Closed ?? false;
        state.Eyes = BlinkDetector.Next(state.Eyes, face.EyeOpenness, observed.CapturedAtMs);
        observed.EyesClosed = state.Eyes.Closed;
        observed.ClosureBegan = state.Eyes.Closed && !wasClosed;
    }

    /// <summary>A model that names only one face is taken at its word.</summary>
    private static IReadOnlyList<FaceReading> Faces(FaceAnalysis analysis) =>
        analysis.Faces.Count > 0 || analysis.Probabilities is null ? analysis.Faces
        : [new FaceReading(analysis.Face ?? new FaceBox { Width = 1, Height = 1 }, analysis.Probabilities, analysis.EyeOpenness, 0, analysis.Luminance, 1)];
}
