using StreamPlatform.Hosting;
using StreamPlatform.Services;

return await ServiceProgram.RunAsync("transcription", TranscriptionService.OpenAsync, args);
