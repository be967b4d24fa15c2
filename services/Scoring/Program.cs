using StreamPlatform.Hosting;
using StreamPlatform.Services;

return await ServiceProgram.RunAsync("scoring", ScoringService.OpenAsync, args);
