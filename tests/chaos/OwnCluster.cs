using Broker.Tests.Support;

namespace Broker.Tests.Chaos;

/// <summary>The cluster of the faults that need one, started with the first of them.</summary>
public sealed class OwnCluster : IAsyncDisposable
{
    private Task<PrivateCluster>? _cluster;

    public Task<PrivateCluster> RequireAsync()
    {
        PrivateBroker.Require();
        _ = Programs.Consumer;
        return _cluster ??= PrivateCluster.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await (await _cluster).DisposeAsync();
    }
}
