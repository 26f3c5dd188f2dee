using Broker.Contracts;
using Broker.Hosting.Control;
using Broker.Hosting.Handlers;
using Broker.Hosting.Health;
using Broker.Hosting.Settings;
using Broker.Pool;
using Broker.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Broker.Hosting.Lifetime;

/// <summary>
/// The consumer in a host. What is wrong with options or handlers ends the host's start. What makes consuming impossible later (the broker refuses
/// the user, a handler hangs, deliveries no longer arrive) stops the host with exit code 1, so that whoever runs it starts it again. An operator's drain ends
/// the consumer as a stop of this service would, and the host goes on without it.
/// </summary>
internal sealed class ConsumerService(
    IServiceProvider services,
    ClientSettings broker,
    IOptions<BrokerConsumerOptions> options,
    Readiness readiness,
    IHostApplicationLifetime host,
    ILoggerFactory logs) : IHostedService, IDisposable
{
    private readonly ILogger _log = logs.CreateLogger<ConsumerService>();
    private readonly ConsumerLifetime _life = new(logs.CreateLogger<ConsumerLifetime>());
    private Task _running = Task.CompletedTask;

    /// <exception cref="InvalidConfigurationException">An option breaks its rule, or a handler cannot be made.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        options.Value.Validate();
        var catalog = await HandlerCatalog.OfAsync(services, broker.Json);
        var self = new ProcessIdentity(Environment.MachineName, Environment.ProcessId, options.Value.Name);
        var consumer = new JobConsumer(options.Value, broker.Address, catalog, self, _life, readiness, logs, services.GetService<ChangeLogLevel>(), new ProcessTerms());
        _running = Task.Run(() => RunAsync(consumer), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _life.Stop();
        await using var hurry = cancellationToken.Register(_life.CancelNow);
        await _running;
    }

    public void Dispose() => _life.Dispose();

    private async Task RunAsync(JobConsumer consumer)
    {
        try
        {
            await consumer.RunAsync();
            if (_life.ExitCode == 0)
                return;
        }
        catch (Exception e)
        {
            readiness.Set(ready: false);
            _log.LogCritical(EventActions.ProcessStopping, e, "this host can consume no jobs and stops: {Reason}", e.Message);
        }

        Environment.ExitCode = 1;
        host.StopApplication();
    }
}
