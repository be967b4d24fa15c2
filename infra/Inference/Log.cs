using Microsoft.Extensions.Logging;

namespace StreamPlatform.Inference;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Face models run on CUDA device 0")]
    public static partial void UsingCuda(ILogger logger);

    [LoggerMessage(2, LogLevel.Warning, "CUDA is not available, face models run on the processor; build with -p:Gpu=true and install CUDA and cuDNN: {Cause}")]
    public static partial void CudaUnavailable(ILogger logger, string cause);

    [LoggerMessage(3, LogLevel.Information, "NVML does not answer: inference_gpu_utilisation is not reported")]
    public static partial void GpuNotMeasured(ILogger logger);
}
