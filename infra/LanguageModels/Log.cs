using Microsoft.Extensions.Logging;
using StreamPlatform.Providers;

namespace StreamPlatform.LanguageModels;

/// <summary>Ids and names of checks only: no answers, no feedback.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Answer {Answer} addresses the scorer ({Rules}): no model was asked, a person must look.")]
    public static partial void InstructionLike(ILogger logger, string answer, string rules);

    [LoggerMessage(2, LogLevel.Warning, "The model's score of answer {Answer} was not released: {Flags}.")]
    public static partial void Caught(ILogger logger, string answer, string flags);

    [LoggerMessage(3, LogLevel.Warning, "Answer {Answer} was scored offline, the provider gave no answer ({Failure}).")]
    public static partial void ProviderFailed(ILogger logger, string answer, ProviderFailure failure, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "Answer {Answer} was scored offline, the provider took longer than {DeadlineMs} ms.")]
    public static partial void TooSlow(ILogger logger, string answer, int deadlineMs);
}
