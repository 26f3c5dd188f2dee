using RabbitMQ.Client;

namespace Broker.Connection;

/// <summary>Closes a channel whatever its state.</summary>
internal static class ChannelEnd
{
    /// <summary>May take as long as the library waits for the broker's answer; a caller bounds its own wait and lets this go on.</summary>
    public static async Task CloseAsync(IChannel channel)
    {
        await channel.CloseAsync(Constants.ReplySuccess, "done", abort: true, CancellationToken.None);
        await channel.DisposeAsync();
    }
}
