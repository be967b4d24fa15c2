using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace StreamPlatform.Inference.Faces;

/// <summary>Session options for the face models, with CUDA when asked for and there.</summary>
internal static class OnnxSessionOptions
{
    public static SessionOptions Create(FaceAnalyzerOptions options, ILogger logger)
    {
        var session = new SessionOptions
        {
            IntraOpNumThreads = options.IntraOpThreads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // Idle worker threads must sleep: the processor is shared with decoding, the broker and everything else.
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (options.UseCuda)
            TryCuda(session, logger);
        return session;
    }

    private static void TryCuda(SessionOptions session, ILogger logger)
    {
        try
        {
            session.AppendExecutionProvider_CUDA(0);
            Log.UsingCuda(logger);
            if (!InferenceMetrics.WatchGpu())
                Log.GpuNotMeasured(logger);
        }
        catch (Exception missing) when (missing is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            Log.CudaUnavailable(logger, missing.Message);
        }
    }
}
