using StreamPlatform.Cli.Internal;

// "broker-host" makes this executable the embedded broker, so that a test can kill it as a process; anything else runs the tests
// (as the entry point that xunit would generate does).
if (args is ["broker-host", .. var options])
{
    return await BrokerCommand.RunAsync(options);
}

// "streams-host" makes it a counting stream application, for the same reason
if (args is ["streams-host", var bootstrap, var application, var input, var output])
{
    return await StreamPlatform.Tests.Conformance.Streams.CountingHost.RunAsync(bootstrap, application, input, output);
}

return args.Contains("--server") || args.Contains("--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, StreamPlatform.Tests.Conformance.SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
