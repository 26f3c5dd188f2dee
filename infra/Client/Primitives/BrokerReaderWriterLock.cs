using Broker.Primitives.Tokens;

namespace Broker.Primitives;

/// <summary>
/// A lock that many may hold to read, up to <see cref="MaxReaders"/> at a time, or one to write. A writer that waits keeps new readers out. Holders that die free their part, as with a
/// <see cref="BrokerLock"/>, and what is not promised there is not promised here. A reader cannot become a writer: one that waits to write while it reads waits for itself.
/// Fences of writers are comparable with one another; those of readers are not. Writing costs about as much as 64 messages.
/// </summary>
/// <remarks>
/// Readers take one of as many permits. A writer takes the writers' lock, and then all of these permits, as they become free and before any reader that waits: so there are never two that collect
/// permits, and what was collected is never returned while a reader is waited for.
/// </remarks>
public sealed class BrokerReaderWriterLock
{
    /// <summary>How many may read at a time; another reader waits.</summary>
    public const int MaxReaders = 64;

    internal const string WriterType = "writer";
    internal const string ReadersType = "readers";

    private readonly TimeProvider _clock;
    private readonly BrokerSemaphore _readers;
    private readonly BrokerLock _writer;

    internal BrokerReaderWriterLock(TokenKernel kernel, string name)
    {
        _clock = kernel.Clock;
        _readers = new BrokerSemaphore(kernel, ReadersType, name, MaxReaders);
        _writer = new BrokerLock(kernel, WriterType, name);
    }

    public string Name => _writer.Name;

    /// <summary>Waits until it may be read.</summary>
    /// <exception cref="TimeoutException">It could not in time.</exception>
    /// <inheritdoc cref="BrokerSemaphore.AcquireAsync(TimeSpan?, CancellationToken)"/>
    public Task<BrokerHold> AcquireReadAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => _readers.AcquireAsync(timeout, cancellationToken);

    /// <summary>Begins to read if that is possible in time.</summary>
    /// <returns>Null if it was not.</returns>
    /// <inheritdoc cref="BrokerSemaphore.TryAcquireAsync(TimeSpan, CancellationToken)"/>
    public Task<BrokerHold?> TryAcquireReadAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) => _readers.TryAcquireAsync(timeout, cancellationToken);

    /// <summary>Waits until it may be written.</summary>
    /// <exception cref="TimeoutException">It could not in time.</exception>
    /// <inheritdoc cref="BrokerSemaphore.AcquireAsync(TimeSpan?, CancellationToken)"/>
    public Task<BrokerHold> AcquireWriteAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var wait = WaitTimeout.Of(timeout);
        return AcquireAsync();

        async Task<BrokerHold> AcquireAsync() => await TakeAllAsync(wait, cancellationToken) ?? throw new TimeoutException($"lock '{Name}' could not be taken to write within {wait}");
    }

    /// <summary>Begins to write if that is possible in time. Readers that come meanwhile wait, although it may be in vain.</summary>
    /// <returns>Null if it was not.</returns>
    /// <inheritdoc cref="BrokerSemaphore.TryAcquireAsync(TimeSpan, CancellationToken)"/>
    public Task<BrokerHold?> TryAcquireWriteAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) => TakeAllAsync(WaitTimeout.Of(timeout), cancellationToken);

    /// <summary>Who reads, or the writer where there is one: with it, those who still read count as waiting.</summary>
    /// <inheritdoc cref="BrokerSemaphore.GetStatusAsync"/>
    public async Task<BrokerPermitStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var writer = await _writer.GetStatusAsync(cancellationToken);
        var readers = await _readers.GetStatusAsync(cancellationToken);
        if (writer.Free > 0)
            return readers;
        // It is one of the consumers, however many permits it has.
        var others = Math.Max(0, await _readers.CountConsumersAsync(cancellationToken) - 1);
        return new BrokerPermitStatus(readers.Free, writer.Waiting + others, writer.Holders);
    }

    /// <inheritdoc cref="BrokerSemaphore.BreakAsync"/>
    public async Task<bool> BreakAsync(CancellationToken cancellationToken = default) =>
        await _writer.BreakAsync(cancellationToken) | await _readers.BreakAsync(cancellationToken);

    private async Task<BrokerHold?> TakeAllAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        if (await _writer.TakeAsync(timeout, cancellationToken) is not { } turn)
            return null;
        TokenHold? all = null;
        try
        {
            var remaining = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - _clock.GetElapsedTime(began);
            all = await _readers.TakeAsync(MaxReaders, remaining < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : remaining, cancellationToken);
        }
        finally
        {
            if (all is null)
                await turn.ReleaseAsync();
        }

        return all is null ? null : Hold(turn, all);
    }

    private static BrokerHold Hold(TokenHold turn, TokenHold all)
    {
        var lost = CancellationTokenSource.CreateLinkedTokenSource(turn.LostToken, all.LostToken);
        return new BrokerHold(turn, ReleaseAsync, () => all.LostReason ?? turn.LostReason, lost.Token);

        async ValueTask ReleaseAsync()
        {
            // The next writer finds the permits there.
            await all.ReleaseAsync();
            await turn.ReleaseAsync();
            lost.Dispose();
        }
    }
}
