using System.CommandLine;
using StreamPlatform.Inference.Conversion;

namespace StreamPlatform.Cli.Commands;

/// <summary>Commands for the script and the tests, not for people.</summary>
internal static class InternalCommands
{
    public static Command Create() => new("internal", "For the script and the tests") { ConvertModels(), Broker() };

    private static Command ConvertModels()
    {
        var command = new Command("convert-models", "Convert the face models to ONNX");
        command.SetAction(_ =>
        {
            var assets = Environment.GetEnvironmentVariable("STREAMPLATFORM_ASSETS") ?? Path.Combine(".cache", "assets");
            var models = Environment.GetEnvironmentVariable("STREAMPLATFORM_MODELS") ?? Path.Combine(".cache", "models");
            ModelConverter.ConvertAll(Path.Combine(assets, "human", "package"), models, new StepPrinter());
        });
        return command;
    }

    private static Command Broker()
    {
        var command = new Command("broker", "The embedded broker alone: --data DIR [--port N] ...") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((arguments, _) => Internal.BrokerCommand.RunAsync(arguments.UnmatchedTokens));
        return command;
    }
}
