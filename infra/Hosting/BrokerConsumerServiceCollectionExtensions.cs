using Broker.Hosting;
using Broker.Hosting.Health;
using Broker.Hosting.Lifetime;
using Broker.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Runs jobs in a generic host.</summary>
public static class BrokerConsumerServiceCollectionExtensions
{
    /// <summary>
    /// Makes this host a consumer: it runs the jobs of the kinds whose handlers are added, from when it has started until it stops. The broker is
    /// the one that <c>AddBroker</c> names. It may be away at the start and later: the consumer waits for it. At a stop of the host running
    /// jobs may finish for <see cref="BrokerConsumerOptions.ShutdownTimeout"/>; what still runs then is cancelled and requeued.
    /// </summary>
    /// <param name="services">The host's services; handlers come from them, a scope per job.</param>
    /// <param name="configure">Concurrency, kinds, name, shutdown.</param>
    /// <returns>Takes the handlers.</returns>
    /// <example><code>
    /// services.AddBroker(o => o.Url = "amqp://guest:guest@localhost/");
    /// services.AddBrokerConsumer(o => o.Concurrency = 8).AddHandler&lt;ResizeHandler&gt;();
    /// </code></example>
    public static BrokerConsumerBuilder AddBrokerConsumer(this IServiceCollection services, Action<BrokerConsumerOptions>? configure = null)
    {
        services.AddBroker();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton<Readiness>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConsumerService>());
        return new BrokerConsumerBuilder(services);
    }
}
