// "streams-host" and "registry-host" make this executable a stream application or a registry that a test can kill or stop; anything else runs the tests
// (as the entry point that xunit would generate does).
if (args is ["streams-host", .. var options])
{
    return await StreamPlatform.Tests.Faults.Streams.StreamsHost.RunAsync(options);
}

if (args is ["registry-host", .. var registry])
{
    return await StreamPlatform.Tests.Faults.Stores.RegistryHost.RunAsync(registry);
}

return args.Contains("--server") || args.Contains("--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, StreamPlatform.Tests.Faults.SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
