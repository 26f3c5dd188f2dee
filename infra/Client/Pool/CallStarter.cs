using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Telemetry;

namespace Broker.Pool;

/// <summary>A call that may send.</summary>
/// <param name="Route">Where to.</param>
/// <param name="Template">What its jobs have in common.</param>
/// <param name="FirstIsRead">Whether the reader stands on its first item already.</param>
/// <param name="Span">The call's place in a trace; disposed by whoever runs the call.</param>
internal sealed record CallStart(JobRoute Route, RunJob Template, bool FirstIsRead, BatchSpan Span);

/// <summary>Brings a call to where its first job can be sent: its kind is known and declared, the broker is there.</summary>
internal sealed class CallStarter(IJobLink link, string name)
{
    private const int DefaultAttempts = 3;

    private readonly ProcessIdentity _identity = new(Environment.MachineName, Environment.ProcessId, name);

    /// <summary>Has the kind and the broker ready; null where there are no items. The reader is disposed if the call ends here.</summary>
    public async Task<CallStart?> StartAsync(Guid batchId, IItemReader items, BatchOptions options, bool receive, CallEnd end)
    {
        var started = false;
        try
        {
            // Where only an item can tell the kind, it is read first.
            var readFirst = items.Kind is null;
            if (readFirst && !await items.MoveNextAsync(1, end.Token))
                return null;
            var kind = items.Kind!;
            if (!KindName.IsValid(kind))
                throw new ArgumentException($"'{kind}' cannot be a kind: {KindName.Rule}");
            var route = await link.PrepareAsync(kind, receive, prioritized: options.Priority is not null, end);
            started = true;
            var span = BatchSpan.Start(kind, batchId);
            return new CallStart(route, Template(kind, batchId, route.ReplyTo(), options, end, span.Context), readFirst, span);
        }
        catch (OperationCanceledException e) when (end.Token.IsCancellationRequested)
        {
            throw end.Reason(e, receive ? "with 0 items answered" : "before the broker had confirmed all jobs");
        }
        finally
        {
            if (!started)
            {
                await end.StopAsync();
                await IItemReader.EndAsync(items, Task.CompletedTask);
            }
        }
    }

    private RunJob Template(string kind, Guid batchId, string? replyTo, BatchOptions options, CallEnd end, TraceContext trace) => new()
    {
        JobId = Guid.Empty,
        Kind = kind,
        Items = default,
        BatchId = batchId,
        Indices = ItemIndices.From(0),
        ReplyTo = replyTo,
        MaxAttempts = options.Attempts ?? DefaultAttempts,
        RetryDelay = options.RetryDelay,
        ItemTimeout = options.ItemTimeout,
        ExpiresAt = Earlier(DateTimeOffset.UtcNow + options.Expires, replyTo is null ? null : end.ExpiresAt),
        Priority = (byte?)options.Priority,
        WantsProgress = replyTo is null || options.Progress is null ? null : true,
        SubmittedAt = DateTimeOffset.UtcNow,
        SubmittedBy = _identity,
        TraceParent = trace.TraceParent,
        TraceState = trace.TraceState,
        Baggage = trace.Baggage,
    };

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one < other || other is null ? one : other;
}
