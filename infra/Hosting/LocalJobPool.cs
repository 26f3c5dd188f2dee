using Broker.Contracts;
using Broker.Hosting.Handlers;
using Broker.Hosting.Local;
using Broker.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting;

/// <summary>A pool for tests of a program that uses one: no broker, the handlers run in this process, as a consumer would run them.</summary>
public static class LocalJobPool
{
    /// <summary>
    /// Makes a pool of its own container. Jobs, results and failures pass through the same JSON as by a broker, chunks and time limits work alike, and
    /// a failed item ends with <see cref="JobFailedException"/>. There are no redeliveries, no dead letters and no priorities.
    /// </summary>
    /// <param name="configure">Adds handlers, and what they ask for to the builder's services.</param>
    /// <param name="concurrency">How many jobs run at once. Default: the machine's processors.</param>
    /// <param name="options">Default deadline and JSON; the address is not used.</param>
    /// <exception cref="InvalidConfigurationException">A handler cannot be made, or an option cannot be used.</exception>
    /// <example><code>
    /// await using var pool = await LocalJobPool.CreateAsync(consumer => consumer.AddHandler&lt;ResizeHandler&gt;());
    /// string picture = await pool.CallAsync(new Resize("cat.png"));
    /// </code></example>
    public static async Task<JobPool> CreateAsync(Action<BrokerConsumerBuilder> configure, int? concurrency = null, BrokerOptions? options = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        configure(new BrokerConsumerBuilder(services));
        var container = services.BuildServiceProvider();
        try
        {
            var settings = ClientSettings.Of(options ?? new BrokerOptions(), address: null, container.GetRequiredService<ILoggerFactory>());
            var catalog = await HandlerCatalog.OfAsync(container, settings.Json);
            var kinds = catalog.Choose(new Dictionary<string, int?>(), concurrency ?? Environment.ProcessorCount);
            return new JobPool(settings, batches => new LocalJobLink(kinds, concurrency ?? Environment.ProcessorCount, settings, container, batches));
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }
}
