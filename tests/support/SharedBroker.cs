using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.RabbitMq;
using Xunit;

namespace Broker.Tests.Support;

/// <summary>
/// Provides the shared RabbitMQ before the first test: the given one; if none is given and the package rabbitmq-server is not
/// installed, a container, provided that a Docker engine answers.
/// </summary>
public sealed class SharedBroker : IAsyncLifetime
{
    /// <summary>The image of docker-compose.yml.</summary>
    private const string Image = "rabbitmq:4-management";

    private RabbitMqContainer? _container;

    public async ValueTask InitializeAsync()
    {
        if (TestBroker.IsThere || PrivateBroker.IsInstalled)
            return;
        try
        {
            _container = new RabbitMqBuilder(Image).Build();
        }
        catch (DockerUnavailableException)
        {
            // No Docker engine: each test that needs a broker is skipped and says why.
            return;
        }

        await StartReaperAsync();
        await _container.StartAsync();
        TestBroker.Url = _container.GetConnectionString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
            await _container.DisposeAsync();
    }

    /// <summary>
    /// The reaper removes the container of a killed test process. It has a separate image; if that cannot be pulled, tests run
    /// without it, because a test process that ends removes its container itself.
    /// </summary>
    private static async Task StartReaperAsync()
    {
        if (!TestcontainersSettings.ResourceReaperEnabled)
            return;
        try
        {
            await ResourceReaper.GetAndStartDefaultAsync(TestcontainersSettings.OS.DockerEndpointAuthConfig, NullLogger.Instance);
        }
        catch (Exception e)
        {
            TestcontainersSettings.ResourceReaperEnabled = false;
            await Console.Error.WriteLineAsync($"no resource reaper ({e.GetType()} {e.Message}): a killed test process leaves its RabbitMQ container running");
        }
    }
}
