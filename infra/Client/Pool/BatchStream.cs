using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Pool;

/// <summary>What a stream of outcomes says of one batch.</summary>
/// <param name="Offset">Its place in the stream.</param>
/// <param name="Completed">Outcomes; else null.</param>
/// <param name="Detached">What its submitter says; else null.</param>
internal readonly record struct BatchRecord(long Offset, JobCompleted? Completed, BatchDetached? Detached)
{
    /// <summary>Whether all that was there when the reading began has been read.</summary>
    public bool IsEnd => Completed is null && Detached is null;
}

/// <summary>Where reading a batch begins.</summary>
/// <param name="Offset">A place in its stream; null for the time when the batch was made.</param>
/// <param name="Earlier">So long before that time.</param>
internal sealed record BatchStart(long? Offset, TimeSpan Earlier)
{
    /// <summary>Where it begins if the clocks of its maker and of the broker agree.</summary>
    public static readonly BatchStart ByClock = new(null, TimeSpan.FromSeconds(1));

    /// <summary>Where it begins if they differ by no more than ten minutes.</summary>
    public static readonly BatchStart ByAnyClock = new(null, TimeSpan.FromMinutes(10));

    public static BatchStart At(long offset) => new(offset, TimeSpan.Zero);
}

/// <summary>Reads what is said of a batch.</summary>
/// <param name="from">From there on.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal delegate IAsyncEnumerable<BatchRecord> ReadBatch(BatchStart from, CancellationToken cancellationToken);

/// <summary>Reads what its stream says of one batch, over lost connections too.</summary>
internal sealed class BatchStream(BrokerConnection connection, JobTopology topology, Guid batchId, ILogger log)
{
    /// <summary>Messages on their way here, of a megabyte at most mostly.</summary>
    private const ushort Prefetch = 16;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Before the end is reached there is always something to come. After a node of a cluster was lost, another may have a copy of the stream that nothing reaches any more (seen on 3.10).</summary>
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(10);

    private readonly OutcomeStream _stream = OutcomeStream.Of(batchId);
    private readonly byte[] _id = Encoding.ASCII.GetBytes(batchId.ToString());

    /// <summary>From a place on. Never ends by itself; whoever reads looks for <see cref="BatchRecord.IsEnd"/>.</summary>
    /// <exception cref="BrokerUnavailableException">The broker refuses us. One that is away is waited for.</exception>
    public async IAsyncEnumerable<BatchRecord> ReadAsync(BatchStart from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        object start = from.Offset is { } offset ? offset : new AmqpTimestamp((OutcomeStream.TimeOf(batchId) - from.Earlier).ToUnixTimeSeconds());
        var marker = Guid.CreateVersion7().ToString();
        var isAtEnd = false;
        while (true)
        {
            var messages = Channel.CreateBounded<StreamMessage>(1);
            if (await TryStartAsync(start, messages.Writer, cancellationToken) is { } consumer)
            {
                await using var reading = consumer;
                await using var ended = consumer.Ended.Register(() => messages.Writer.TryComplete());
                using var silent = new CancellationTokenSource();
                await using var given = silent.Token.Register(() => messages.Writer.TryComplete());
                if (!isAtEnd)
                    await TryMarkAsync(consumer, marker);
                while (true)
                {
                    // Whoever takes the records may take his time.
                    silent.CancelAfter(isAtEnd ? Timeout.InfiniteTimeSpan : SilenceTimeout);
                    if (!await messages.Reader.WaitToReadAsync(cancellationToken) || !messages.Reader.TryRead(out var message))
                        break;
                    silent.CancelAfter(Timeout.InfiniteTimeSpan);
                    // By a timestamp a whole chunk of messages comes, by an offset too.
                    if (start is long first && message.Offset < first)
                        continue;
                    start = message.Offset + 1;
                    if (message.Type != MessageTypes.Marker)
                    {
                        foreach (var record in Records(message))
                            yield return record;
                    }
                    else if (Encoding.ASCII.GetString(message.Body.Span) == marker)
                    {
                        isAtEnd = true;
                        yield return new BatchRecord(message.Offset, null, null);
                    }
                }

                if (silent.IsCancellationRequested)
                    await connection.MoveOnAsync();
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    private async Task<StreamConsumer?> TryStartAsync(object start, ChannelWriter<StreamMessage> messages, CancellationToken cancellationToken)
    {
        try
        {
            await topology.DeclareOutcomesAsync(_stream, cancellationToken);
            return await StreamConsumer.StartAsync(connection, _stream.Name, start, Prefetch, (message, ended) => messages.WriteAsync(message, ended).AsTask(), cancellationToken);
        }
        catch (Exception e) when (e is BrokerUnavailableException { CanRetry: true } or AlreadyClosedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            log.LogDebug(e, "the outcomes of batch {BatchId} are read again from where they were", batchId);
            return null;
        }
    }

    private async Task TryMarkAsync(StreamConsumer consumer, string marker)
    {
        try
        {
            await consumer.AppendAsync(Names.ResultsExchange, _stream.Key, MessageTypes.Marker, Encoding.ASCII.GetBytes(marker)).WaitAsync(SilenceTimeout);
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or OperationCanceledException or ObjectDisposedException or TimeoutException)
        {
            // The next channel gets another.
            log.LogDebug(e, "the end of the stream of batch {BatchId} could not be marked", batchId);
        }
    }

    private IEnumerable<BatchRecord> Records(StreamMessage message)
    {
        IEnumerable<ReadOnlyMemory<byte>> bodies = message.Type == MessageTypes.JobsCompleted ? BodySequence.Split(message.Body) : [message.Body];
        // Most are of other batches, which need not be understood.
        foreach (var body in bodies.Where(body => body.Span.IndexOf(_id) >= 0))
        {
            if (Read(message, body) is { } record && (record.Completed?.BatchId ?? record.Detached?.BatchId) == batchId)
                yield return record;
        }
    }

    private BatchRecord? Read(StreamMessage message, ReadOnlyMemory<byte> body)
    {
        try
        {
            return message.Type switch
            {
                MessageTypes.JobCompleted or MessageTypes.JobsCompleted => new BatchRecord(message.Offset, MessageBody.Read(body, MessageJson.Default.JobCompleted), null),
                MessageTypes.BatchDetached => new BatchRecord(message.Offset, null, JsonSerializer.Deserialize(body.Span, MessageJson.Default.BatchDetached)),
                _ => null,
            };
        }
        catch (Exception e)
        {
            // Bad input may raise any exception type; the stream goes on behind it.
            log.LogWarning("a message in the stream of batch {BatchId} cannot be read: {Reason}", batchId, e.Message);
            return null;
        }
    }
}
