using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Benchmarks.AgainstPeers;

/// <summary>The queue of <see cref="PublishedNumber"/>, emptied between rounds and deleted at the end.</summary>
internal sealed class PublishedJobs(string url) : IAsyncDisposable
{
    private static readonly string Jobs = Names.JobsQueue(PublishedNumber.Kind);

    public Task EmptyAsync() => WithChannelAsync(channel => channel.QueuePurgeAsync(Jobs));

    public async ValueTask DisposeAsync()
    {
        await WithChannelAsync(channel => channel.QueueDeleteAsync(Jobs, ifUnused: false, ifEmpty: false));
        await WithChannelAsync(channel => channel.QueueDeleteAsync(Names.DeadQueue(PublishedNumber.Kind), ifUnused: false, ifEmpty: false));
    }

    private async Task WithChannelAsync(Func<IChannel, Task> work)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await work(channel);
    }
}
