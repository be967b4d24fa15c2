using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>Puts the resume API into the gateway. The host may register IMediaStore (none: text only) and IResumeTaskReader (none: what this gateway remembers), IResumeQuota (none: it counts in memory).</summary>
internal static class ResumesHost
{
    public static void AddResumes(this IServiceCollection services, ResumeApiOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton<IMediaStore, NoMedia>();
        services.TryAddSingleton<IResumeTaskReader, NoStoredTasks>();
        services.TryAddSingleton<IResumeQuota, ClientQuota>();
        services.AddSingleton<RecentTasks>();
        services.AddSingleton<ResumeFiles>();
        services.AddSingleton<JsonUpload>();
        services.AddSingleton<FormUpload>();
        services.AddSingleton<ResumeIntake>();
        services.AddSingleton<PostResumes>();
        services.AddSingleton<ResumeTasks>();
        services.AddHostedService<MediaSweep>();
    }

    public static void MapResumes(this WebApplication app)
    {
        app.MapPost("/api/resumes", (HttpContext context, PostResumes post) => post.HandleAsync(context, bulk: false));
        app.MapPost("/api/resumes/bulk", (HttpContext context, PostResumes post) => post.HandleAsync(context, bulk: true));
        app.MapGet("/api/resumes/tasks/{id}", (string id, ResumeTasks tasks, CancellationToken cancelled, int from = 0, int limit = 100, bool texts = false) =>
            tasks.GetAsync(id, from, limit, texts, cancelled));
    }
}
