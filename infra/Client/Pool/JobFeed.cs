using Broker.Bus;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>
/// Reads items, packs them into jobs and sends these, each confirmed by the broker, never more than the window allows. Both a map and a
/// publish are this; they differ in when a job leaves the window: when its outcomes are there, or when it is confirmed.
/// </summary>
internal sealed class JobFeed(RunJob template, InFlightWindow window, ChunkSizer sizer, Func<RunJob, byte[], CancellationToken, Task> sendAsync)
{
    /// <summary>A chunk that is not full is sent anyway when the next item takes longer than this: whoever types items waits for results.</summary>
    private static readonly TimeSpan IdleFlush = TimeSpan.FromMilliseconds(20);

    /// <summary>As many items may be read before they are asked for, within the window: a source on a thread of its own is not waited for item by item.</summary>
    private const int ReadAhead = 256;

    /// <summary>So many runs of indices a job has at most: outcomes are matched run by run.</summary>
    private const int MaxRuns = 256;

    private readonly ChunkWriter _chunk = new();
    private readonly List<(long First, int Count)> _indices = [];
    private int _chunkItems;
    private int _wanted;

    /// <summary>Called for each job just before it is sent, with its count and its bytes.</summary>
    public Action<RunJob, int, int>? Sending { get; init; }

    /// <summary>Whether an item is left out, given its index.</summary>
    public Func<long, ReadOnlyMemory<byte>, bool>? Skips { get; init; }

    /// <summary>How many items have been handed to the sender.</summary>
    public long Sent { get; private set; }

    /// <summary>The index of the next item to be read.</summary>
    private long Next { get; set; }

    /// <summary>Where outcomes are to be sent, where that changes while the call runs.</summary>
    public Func<string?> ReplyTo { get; init; } = () => template.ReplyTo;

    /// <summary>Feeds everything; ends when the last job has been handed to the sender. What the items throw comes when those before are handed over.</summary>
    /// <param name="items">The items; the caller disposes it.</param>
    /// <param name="firstIsRead">Whether the reader stands on its first item already.</param>
    /// <param name="track">Takes each sending.</param>
    /// <param name="cancellationToken">Ends the feeding.</param>
    /// <exception cref="MessageTooLargeException">An item is too large for a message.</exception>
    /// <exception cref="ArgumentException">An item is not one JSON value, or nested too deep.</exception>
    public async Task RunAsync(IItemReader items, bool firstIsRead, Action<Task> track, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(items, firstIsRead, track, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            await FlushAsync(track, cancellationToken);
            throw;
        }

        await FlushAsync(track, cancellationToken);
    }

    private async Task ReadAsync(IItemReader items, bool firstIsRead, Action<Task> track, CancellationToken cancellationToken)
    {
        if (firstIsRead)
            await AddAsync(items.Current, track, cancellationToken);
        while (true)
        {
            if (_chunk.Count == 0)
                BeginChunk();
            var next = items.MoveNextAsync(Math.Max(1, _wanted - _chunk.Count), cancellationToken);
            bool any;
            if (next.IsCompleted || _chunk.Count == 0)
            {
                any = await next;
            }
            else
            {
                var arriving = next.AsTask();
                if (await Task.WhenAny(arriving, Task.Delay(IdleFlush, cancellationToken)) != arriving)
                    await FlushAsync(track, cancellationToken);
                any = await arriving;
            }

            if (!any)
                return;
            await AddAsync(items.Current, track, cancellationToken);
        }
    }

    private async ValueTask AddAsync(ReadOnlyMemory<byte> item, Action<Task> track, CancellationToken cancellationToken)
    {
        var index = Next++;
        if (Skips?.Invoke(index, item) is true)
            return;
        // Checked here, where the item's index can be named; the message around it adds less than a kilobyte.
        if (item.Length > MessageSender.MaxBodyBytes - 1024)
            throw new MessageTooLargeException($"item {index} has {item.Length / 1048576.0:0.0} MiB and the largest message is {MessageSender.MaxBodyBytes / 1048576} MiB: split it, or send a reference to where its data is stored");
        JsonItem.Check(item.Span, index);
        if (_chunk.Count > 0 && _chunk.Bytes + item.Length > ChunkSizer.MaxBytes)
            await FlushAsync(track, cancellationToken);
        if (_chunk.Count == 0)
            BeginChunk();
        _chunk.Add(item.Span);
        AddIndex(index);
        if (_chunk.Count >= _chunkItems || _indices.Count >= MaxRuns)
            await FlushAsync(track, cancellationToken);
    }

    private void AddIndex(long index)
    {
        if (_indices.Count > 0 && _indices[^1] is var (first, count) && first + count == index)
            _indices[^1] = (first, count + 1);
        else
            _indices.Add((index, 1));
    }

    private void BeginChunk()
    {
        _chunkItems = sizer.Next(Next, window.Slots);
        _wanted = Math.Max(_chunkItems, (int)Math.Min(ReadAhead, (long)_chunkItems * window.Room));
    }

    private async ValueTask FlushAsync(Action<Task> track, CancellationToken cancellationToken)
    {
        if (_chunk.Count == 0)
            return;
        var (count, items) = (_chunk.Count, _chunk.Take());
        var job = template with
        {
            JobId = Guid.CreateVersion7(),
            Items = new RawJson(items),
            Indices = new ItemIndices([.. _indices]),
            ReplyTo = ReplyTo(),
            SubmittedAt = DateTimeOffset.UtcNow,
        };
        _indices.Clear();
        var body = MessageSender.Write(job, MessageJson.Default.RunJob);
        await window.EnterAsync(body.Length, cancellationToken);
        Sent += count;
        Sending?.Invoke(job, count, body.Length);
        track(sendAsync(job, body, cancellationToken));
    }
}
