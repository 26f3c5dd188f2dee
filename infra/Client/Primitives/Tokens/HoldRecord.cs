using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>
/// Says in the log who holds a permit, for people to see, and so that the name is not forgotten while it is used. A hold that is released before the next look around is not
/// recorded: a lock that is used often would fill the log.
/// </summary>
internal sealed class HoldRecord(PrimitiveLog log, TokenSet set, Token token, TimeProvider clock)
{
    /// <summary>Far below the time after which the log forgets a name.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    private readonly TokenHolder _holder = new(token.Permit, token.Fence, Environment.MachineName, Environment.ProcessId, clock.GetUtcNow());
    private Task<bool>? _writing;
    private DateTimeOffset? _writtenAt;

    /// <summary>Whether it has to be written, for the first time or again.</summary>
    public bool IsDue => _writing is null or { IsCompleted: true } && (_writtenAt is not { } at || clock.GetUtcNow() - at >= Interval);

    /// <summary>Writes it.</summary>
    /// <returns>Whether the hold's epoch is the current one.</returns>
    /// <exception cref="Broker.Connection.BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public Task<bool> WriteAsync(CancellationToken cancellationToken) => _writing = AppendAsync(cancellationToken);

    /// <summary>Says that it has ended, if it was said that it had begun. Never throws.</summary>
    public async Task EndAsync()
    {
        if (_writing is not { } writing)
            return;
        // It may stand in the log although its wait was cut short.
        await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task ending = log.ApplyAsync(set.Key, new TokenReleased(_holder.Permit, _holder.Fence), fence: null, CancellationToken.None);
        await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> AppendAsync(CancellationToken cancellationToken)
    {
        var current = await log.ApplyAsync(set.Key, new TokenHeld(token.Epoch, _holder), fence: null, cancellationToken) is true;
        _writtenAt = clock.GetUtcNow();
        return current;
    }
}
