using StreamPlatform.Cli.Commands;

return await CommandLine.RunAsync(args);
