using System.Runtime.CompilerServices;
using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.DeadLetters;

/// <summary>How dead items are run again.</summary>
public sealed record RedriveOptions
{
    /// <summary>Which items; null for all.</summary>
    public Func<DeadItem, bool>? Where { get; init; }

    /// <summary>What an item becomes before it is run again; null leaves it as it is.</summary>
    public Func<DeadItem, JsonElement>? Change { get; init; }

    /// <summary>The most items a second; null for no limit.</summary>
    public double? Rate { get; init; }
}

/// <summary>What was done with a dead-letter queue.</summary>
/// <param name="Done">Items that were redriven or purged.</param>
/// <param name="Left">Items that were looked at and left.</param>
/// <param name="Unreadable">Messages whose items cannot be told; only a purge of all removes them.</param>
public sealed record DeadLetterCounts(long Done, long Left, long Unreadable);

/// <summary>
/// The items of one kind that were given up. What is looked at is held unacknowledged meanwhile, so two who look at once each see a part. Items that die while it is
/// looked at are not among them. All methods throw <see cref="BrokerUnavailableException"/> where the broker is away or refuses; nothing is lost then.
/// </summary>
public sealed class DeadLetterQueue
{
    private const int MaxLooks = 50;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly string _kind;
    private readonly Func<CancellationToken, Task<BrokerConnection>> _connectAsync;

    internal DeadLetterQueue(string kind, Func<CancellationToken, Task<BrokerConnection>> connectAsync) => (_kind, _connectAsync) = (kind, connectAsync);

    /// <summary>All items, the oldest first; the queue is afterwards as it was.</summary>
    public async IAsyncEnumerable<DeadItem> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var connection = await _connectAsync(cancellationToken);
        await using var held = await connection.OpenChannelAsync(cancellationToken: cancellationToken);
        var (taken, last) = (0L, 0UL);
        await foreach (var letter in TakeAsync(connection, held, cancellationToken))
        {
            taken++;
            last = letter.Tag;
            foreach (var item in letter.Items)
                yield return item;
        }

        await ReturnAsync(connection, held, last, taken, cancellationToken);
    }

    /// <summary>
    /// Has items run again, as new ones under the same job id and index. Each is removed when the broker has confirmed its job: whoever is interrupted in between, by
    /// <c>kill -9</c> too, loses none, and may have one message's items run twice.
    /// </summary>
    public async Task<DeadLetterCounts> RedriveAsync(RedriveOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedriveOptions();
        var connection = await _connectAsync(cancellationToken);
        await new JobTopology(connection).DeclareKindAsync(_kind, cancellationToken);
        var change = options.Change ?? (static item => item.Item);
        var pace = new Pace(options.Rate);
        return await TakeOutAsync(
            connection,
            options.Where,
            async (held, letter, chosen) =>
            {
                await pace.WaitAsync(chosen.Count, cancellationToken);
                await PublishAsync(held, Names.JobsExchange, MessageTypes.RunJob, letter.Items[0].JobId, letter.JobOf(chosen, change), letter.Priority);
            },
            cancellationToken);
    }

    /// <summary>Removes items for good.</summary>
    /// <param name="where">Which; null for all, and the messages that cannot be read.</param>
    /// <param name="cancellationToken">Ends it between two messages.</param>
    public async Task<DeadLetterCounts> PurgeAsync(Func<DeadItem, bool>? where = null, CancellationToken cancellationToken = default) =>
        await TakeOutAsync(await _connectAsync(cancellationToken), where, static (_, _, _) => Task.CompletedTask, cancellationToken, unreadableToo: where is null);

    private async Task<DeadLetterCounts> TakeOutAsync(
        BrokerConnection connection, Func<DeadItem, bool>? where, Func<HeldChannel, Letter, IReadOnlyList<int>, Task> useAsync, CancellationToken cancellationToken, bool unreadableToo = false)
    {
        await using var held = await connection.OpenChannelAsync(confirms: true, cancellationToken);
        var (done, left, unreadable) = (0L, 0L, 0L);
        var (kept, last) = (0L, 0UL);
        await foreach (var letter in TakeAsync(connection, held, cancellationToken))
        {
            var chosen = Enumerable.Range(0, letter.Items.Count).Where(place => where is null || where(letter.Items[place])).ToList();
            if (letter.Items.Count == 0)
                unreadable++;
            else
                left += letter.Items.Count - chosen.Count;
            if (chosen.Count == 0 && !(letter.Items.Count == 0 && unreadableToo))
            {
                kept++;
                last = letter.Tag;
                continue;
            }

            await AsUnavailableAsync(connection, async () =>
            {
                if (chosen.Count > 0)
                    await useAsync(held, letter, chosen);
                if (chosen.Count < letter.Items.Count)
                    await PublishAsync(held, Names.DeadExchange, MessageTypes.DeadLetter, letter.Items[0].JobId, letter.RestOf([.. Enumerable.Range(0, letter.Items.Count).Except(chosen)]));
                await held.Channel.BasicAckAsync(letter.Tag, multiple: false, CancellationToken.None);
                return true;
            });
            done += chosen.Count;
        }

        await ReturnAsync(connection, held, last, kept, cancellationToken);
        return new DeadLetterCounts(done, left, unreadable);
    }

    /// <summary>Gives back what is held, up to the last; waits until the queue has it, which the broker does not say: whoever looks next would miss it.</summary>
    private async Task ReturnAsync(BrokerConnection connection, HeldChannel held, ulong last, long count, CancellationToken cancellationToken)
    {
        if (count == 0)
            return;
        await AsUnavailableAsync(connection, async () =>
        {
            await held.Channel.BasicNackAsync(last, multiple: true, requeue: true, CancellationToken.None);
            return true;
        });
        var topology = new JobTopology(connection);
        for (var look = 0; look < MaxLooks && (await topology.LookAtKindAsync(_kind, cancellationToken)).Dead?.Ready < count; look++)
            await Task.Delay(LookEvery, cancellationToken);
    }

    /// <summary>Takes as many messages as there are now: what comes back meanwhile would be taken for ever.</summary>
    private async IAsyncEnumerable<Letter> TakeAsync(BrokerConnection connection, HeldChannel held, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var queue = Names.DeadQueue(_kind);
        var depth = (await new JobTopology(connection).LookAtKindAsync(_kind, cancellationToken)).Dead;
        for (var left = depth?.Ready ?? 0; left > 0; left--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await AsUnavailableAsync(connection, () => held.Channel.BasicGetAsync(queue, autoAck: false, CancellationToken.None)) is not { } message)
                yield break;
            yield return Letter.Read(message.DeliveryTag, message.Body.ToArray());
        }
    }

    private async Task PublishAsync(HeldChannel held, string exchange, string type, Guid messageId, byte[] body, byte? priority = null)
    {
        var properties = new BasicProperties { ContentType = "application/json", Persistent = true, MessageId = messageId.ToString(), Type = type };
        if (priority is { } value)
            properties.Priority = value;
        await held.Channel.BasicPublishAsync(exchange, _kind, mandatory: true, properties, body, CancellationToken.None);
    }

    private static async Task<T> AsUnavailableAsync<T>(BrokerConnection connection, Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or ObjectDisposedException)
        {
            throw BrokerUnavailableException.From(e, connection.Address);
        }
    }

    private sealed class Pace(double? perSecond)
    {
        private long _next = TimeProvider.System.GetTimestamp();

        public async Task WaitAsync(int items, CancellationToken cancellationToken)
        {
            if (perSecond is not { } rate)
                return;
            var now = TimeProvider.System.GetTimestamp();
            if (_next > now)
                await Task.Delay(TimeProvider.System.GetElapsedTime(now, _next), cancellationToken);
            _next = Math.Max(_next, now) + (long)(items / rate * TimeProvider.System.TimestampFrequency);
        }
    }
}
