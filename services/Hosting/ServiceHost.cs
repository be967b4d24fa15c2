using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamPlatform.Observability;

namespace StreamPlatform.Hosting;

/// <summary>The web host of a service: it listens where the options say, logs and counts with the process, and its health is that of the processors and of what they need.</summary>
public static class ServiceHost
{
    /// <exception cref="ArgumentException">--listen is no address.</exception>
    public static WebApplicationBuilder CreateBuilder(PlatformOptions options, PlatformMetrics metrics, Processors processors, ILoggerFactory loggers)
    {
        var endpoint = PlatformOptions.ParseEndpoint("--listen", options.Listen);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddPlatformMetrics(metrics);
        foreach (var source in processors.HealthSources)
        {
            builder.Services.AddSingleton(source);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(endpoint.Address, endpoint.Port);
        });
        return builder;
    }

    /// <summary>Shows on /health what the context knows of its engines, when they are open.</summary>
    public static void AddHealth(this IServiceCollection services, ServiceContext context)
    {
        foreach (var source in context.HealthSources)
        {
            services.AddSingleton(source);
        }
    }
}
