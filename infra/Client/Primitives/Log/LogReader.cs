using Broker.Connection;

namespace Broker.Primitives.Log;

/// <summary>Reads a stream into a <see cref="LogView"/>: from where that has ended, or from the newest snapshot.</summary>
/// <param name="connectAsync">The connection; it waits for the broker.</param>
/// <param name="stream">The stream's name.</param>
/// <param name="declareAsync">Declares it.</param>
internal sealed class LogReader(Func<CancellationToken, Task<BrokerConnection>> connectAsync, string stream, Func<BrokerConnection, CancellationToken, Task> declareAsync)
{
    private const ushort Prefetch = 500;

    /// <summary>The newest record is mostly that of a client that knows where to begin; if not, one that does is not far before it.</summary>
    private const long FirstStepBack = 64;

    /// <summary>Reads until the channel is lost, or the stream is not what it was.</summary>
    /// <param name="view">Takes the records.</param>
    /// <param name="startWriter">Has something appended: an empty stream delivers nothing from which could be told that it is empty.</param>
    /// <param name="attached">Called when records flow.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task ReadAsync(LogView view, Action startWriter, Action attached, CancellationToken cancellationToken)
    {
        var connection = await connectAsync(cancellationToken);
        await declareAsync(connection, cancellationToken);
        var from = view.Resume();
        if (from is null)
        {
            from = await FindBeginningAsync(connection, startWriter, cancellationToken);
            view.Begin(from.Value);
        }

        await using var consumer = await StreamConsumer.StartAsync(connection, stream, from is 0 ? StreamConsumer.First : from.Value, Prefetch, TakeAsync, cancellationToken);
        attached();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, consumer.Ended);
        await Task.Delay(Timeout.Infinite, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Task TakeAsync(StreamMessage message, CancellationToken ended) =>
            view.Take(message.Offset, LogRecord.Read(message.Body), message.Body.Length) ? Task.CompletedTask : throw new IOException("the stream is not what it was");
    }

    private async Task<long> FindBeginningAsync(BrokerConnection connection, Action startWriter, CancellationToken cancellationToken)
    {
        object at = "last";
        for (var step = FirstStepBack; ; step *= 16)
        {
            var (offset, record) = await ReadOneAsync(connection, at, startWriter, cancellationToken);
            if (record?.Base is { } known)
                return known;
            // The beginning, or what is left of it.
            if (offset == 0 || (at is long asked && offset > asked) || Equals(at, StreamConsumer.First))
                return 0;
            at = offset > step ? offset - step : StreamConsumer.First;
        }
    }

    private async Task<(long Offset, LogRecord? Record)> ReadOneAsync(BrokerConnection connection, object at, Action startWriter, CancellationToken cancellationToken)
    {
        var read = new TaskCompletionSource<(long, LogRecord?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await StreamConsumer.StartAsync(connection, stream, at, prefetch: 1, TakeAsync, cancellationToken);
        startWriter();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, consumer.Ended);
        return await read.Task.WaitAsync(end.Token);

        Task TakeAsync(StreamMessage message, CancellationToken ended)
        {
            read.TrySetResult((message.Offset, LogRecord.Read(message.Body)));
            return Task.CompletedTask;
        }
    }
}
