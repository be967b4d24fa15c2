using StreamPlatform.Hosting;
using StreamPlatform.Services;

return await ServiceProgram.RunAsync("emotion", EmotionService.OpenAsync, args);
