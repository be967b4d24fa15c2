using StreamPlatform.Hosting;
using StreamPlatform.Services;

return await ServiceProgram.RunAsync("aggregation", AggregationService.OpenAsync, args);
