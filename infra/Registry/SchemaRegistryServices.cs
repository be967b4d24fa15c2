using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace StreamPlatform.Registry;

/// <summary>The registry inside a host that has other endpoints too.</summary>
public static class SchemaRegistryServices
{
    /// <summary>Adds the registry; the host's start waits until its state is read. Map it with MapSchemaRegistry.</summary>
    public static IServiceCollection AddSchemaRegistry(this IServiceCollection services, RegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<RegistryService>();
        services.AddHostedService<Starter>();
        return services;
    }

    private sealed class Starter(RegistryService registry) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => registry.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask; // the container disposes the service
    }
}
