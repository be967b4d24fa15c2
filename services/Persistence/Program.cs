using StreamPlatform.Hosting;
using StreamPlatform.Services;

return await ServiceProgram.RunAsync("persistence", PersistenceService.OpenAsync, args);
