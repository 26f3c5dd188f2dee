using Broker.Contracts;
using Broker.Pool;
using Broker.Primitives;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a broker's pool into a container.</summary>
public static class BrokerServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="IJobPool"/> and <see cref="BrokerPrimitives"/> as singletons. They connect when they are first used, so the broker may be away when the program
    /// starts, and reconnect by themselves; they log to the container's logger factory and are disposed with the container.
    /// </summary>
    /// <param name="services">Where to register it. Registered again, only <paramref name="configure"/> is added.</param>
    /// <param name="configure">Sets options; null where they are configured elsewhere, as <see cref="BrokerOptions"/>.</param>
    /// <exception cref="InvalidConfigurationException">Raised when a host starts, or when the pool is resolved: an option cannot be used.</exception>
    public static IServiceCollection AddBroker(this IServiceCollection services, Action<BrokerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<BrokerOptions>();
        if (configure is not null)
            options.Configure(configure);
        // A host looks at the options when it starts, and ends with what is thrown here.
        options.Validate(given => ClientSettings.Of(given) is not null).ValidateOnStart();
        services.TryAddSingleton(provider => ClientSettings.Of(provider.GetRequiredService<IOptions<BrokerOptions>>().Value, address: null, provider.GetService<ILoggerFactory>()));
        services.TryAddSingleton(provider => new JobPool(provider.GetRequiredService<ClientSettings>()));
        services.TryAddSingleton(provider => new BrokerPrimitives(provider.GetRequiredService<ClientSettings>()));
        services.TryAddSingleton<IJobPool>(provider => provider.GetRequiredService<JobPool>());
        return services;
    }
}
