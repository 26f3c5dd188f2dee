using Broker.DistributedLock;
using Broker.Primitives;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives.DistributedLock;

/// <summary>The cases of the suite that DistributedLock runs on each of its back ends. Two processes are two connections here.</summary>
public abstract class DistributedLockTests : IAsyncLifetime
{
    private readonly List<BrokerPrimitives> _processes = [];

    protected static string NewName() => TokenClient.NewName();

    protected BrokerSynchronizationProvider Provider { get; private set; } = null!;

    protected BrokerSynchronizationProvider Other { get; private set; } = null!;

    public async ValueTask InitializeAsync() => (Provider, Other) = (await StartAsync(TestBroker.Require()), await StartAsync(TestBroker.Require()));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<BrokerSynchronizationProvider> StartAsync(string url)
    {
        var process = await BrokerPrimitives.ConnectAsync(url);
        _processes.Add(process);
        return new BrokerSynchronizationProvider(process);
    }
}
