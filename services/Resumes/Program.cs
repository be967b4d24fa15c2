using StreamPlatform.Hosting;
using StreamPlatform.Services;

return await ServiceProgram.RunAsync("resumes", ResumesService.OpenAsync, args);
