using System.Diagnostics.CodeAnalysis;
using Broker.Connection;
using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>
/// Permits that are held: tokens that are delivered to us and not acknowledged, on a channel that is used for nothing else meanwhile. It ends once: by release, or by loss.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Readers of its tokens may be late, and without a timer the sources own nothing.")]
internal sealed class TokenHold
{
    /// <summary>A broker that does not answer must not hold up whoever releases.</summary>
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(2);

    private const string SeededAnew = "it was broken, or the broker lost its log: all permits were seeded anew";

    private static readonly object Superseded = new();

    private readonly TokenKernel _kernel;
    private readonly TokenChannel _channel;
    private readonly IReadOnlyList<Token> _tokens;
    private readonly HoldRecord _record;
    private readonly Lock _lock = new();

    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private CancellationTokenRegistration _channelLost;
    private bool _asking;
    private bool _over;

    private TokenHold(TokenKernel kernel, TokenSet set, TokenChannel channel, IReadOnlyList<Token> tokens)
    {
        (_kernel, Set, _channel, _tokens) = (kernel, set, channel, tokens);
        LostToken = _lost.Token;
        _record = new HoldRecord(kernel.Log, set, tokens[0], kernel.Clock);
    }

    public TokenSet Set { get; }

    public long Fence => _tokens[0].Fence;

    /// <summary>The number of the permit, of the first if there are several.</summary>
    public int Permit => _tokens[0].Permit;

    /// <summary>Cancelled when it is lost, and never by its release.</summary>
    public CancellationToken LostToken { get; }

    /// <summary>Why it was lost; null while it is not.</summary>
    public string? LostReason { get; private set; }

    /// <summary>Begins with tokens that were just delivered on the channel, which is the hold's from now on.</summary>
    public static TokenHold Begin(TokenKernel kernel, TokenSet set, TokenChannel channel, IReadOnlyList<Token> tokens)
    {
        var hold = new TokenHold(kernel, set, channel, tokens);
        // Before anything may end it, which removes it there.
        kernel.Watch.Add(hold);
        hold._channelLost = channel.Lost.UnsafeRegister(static hold => ((TokenHold)hold!).OnChannelLost(), hold);
        _ = hold.FollowEpochAsync();
        return hold;
    }

    /// <summary>Whether it is of this permit in this epoch.</summary>
    public bool Holds(Token token) => _tokens.Any(own => own.Epoch == token.Epoch && own.Permit == token.Permit);

    /// <summary>Returns the permits to the queue; the broker has seen it when this returns, if it answers. Never throws; whatever was lost is not touched.</summary>
    public async ValueTask ReleaseAsync()
    {
        if (!TryEnd(lostReason: null, out var asking))
            return;
        try
        {
            using var limit = new CancellationTokenSource(ReleaseLimit, _kernel.Clock);
            await _channel.AskAsync(channel => channel.BasicNackAsync(_tokens[^1].Tag, multiple: true, requeue: true, CancellationToken.None).AsTask(), limit.Token);
            // Answered after the return was: who asks next finds the permit.
            await _channel.AskAsync(channel => channel.BasicQosAsync(0, 1, global: false), limit.Token);
            // An answer on its way may be a token.
            if (asking)
                await _channel.DisposeAsync();
            else
                await _kernel.Channels.ReturnAsync(_channel);
        }
        catch (Exception e) when (e is BrokerUnavailableException or QueueMissingException or OperationCanceledException)
        {
            // The end of the channel, and at last that of the connection, returns them.
            await _channel.DisposeAsync();
        }

        _kernel.InBackground(_record.EndAsync());
    }

    /// <summary>Ends it because somebody else may hold the permits, now or soon.</summary>
    public void Lose(string reason)
    {
        if (!TryEnd(reason, out _))
            return;
        _ = _lost.CancelAsync();
        _kernel.OnLost(this);
        // A connection that comes back to life must not keep what nobody holds.
        _kernel.InBackground(_channel.DisposeAsync().AsTask());
        _kernel.InBackground(_record.EndAsync());
    }

    /// <summary>
    /// Has the leader of the queue prove that it is there: a request that it cannot answer without most of the queue's nodes. For a moment this may take a free permit of a semaphore.
    /// </summary>
    /// <returns>A permit that was free, and was returned at once; null if there was none, or it cannot be asked.</returns>
    /// <exception cref="QueueMissingException">The queue was deleted.</exception>
    /// <exception cref="TimeoutException">There is no answer.</exception>
    public async Task<Token?> AskLeaderAsync()
    {
        lock (_lock)
        {
            if (_asking || _over)
                return null;
            _asking = true;
        }

        try
        {
            if (await _channel.AskAsync(channel => channel.BasicGetAsync(Set.Queue, autoAck: false), CancellationToken.None) is not { } message)
                return null;
            await _channel.AskAsync(channel => channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true, CancellationToken.None).AsTask(), CancellationToken.None);
            return Token.Of(message.Body.Span, message.BasicProperties, message.DeliveryTag);
        }
        catch (BrokerUnavailableException e) when (e.InnerException is TimeoutException)
        {
            throw new TimeoutException(e.Message, e);
        }
        catch (BrokerUnavailableException)
        {
            // The channel ended, which tells by itself.
            return null;
        }
        finally
        {
            lock (_lock)
                _asking = false;
        }
    }

    /// <inheritdoc cref="HoldRecord.WriteAsync"/>
    public Task<bool> RecordAsync(CancellationToken cancellationToken) => _record.WriteAsync(cancellationToken);

    /// <summary>Says in the log who holds it, if that is not said yet or long ago.</summary>
    public async Task RecordWhenDueAsync()
    {
        if (_record.IsDue && !await _record.WriteAsync(_ended.Token))
            Lose(SeededAnew);
    }

    private void OnChannelLost() => Lose(_channel.Reason ?? "the connection to the broker was lost");

    private async Task FollowEpochAsync()
    {
        // An earlier epoch is seen when the log is read anew, and takes nothing from this one.
        var own = _tokens[0].Epoch;
        Task seen = _kernel.Log.UntilAsync<TokenState, object>(Set.Key, state => state?.Epoch is { } epoch && epoch > 0 && epoch <= own ? null : Superseded, _ended.Token);
        await seen.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (seen.IsCompletedSuccessfully)
            Lose(SeededAnew);
    }

    private bool TryEnd(string? lostReason, out bool asking)
    {
        lock (_lock)
        {
            asking = _asking;
            if (_over)
                return false;
            _over = true;
            LostReason = lostReason;
        }

        // The channel may serve many holds after this one.
        _channelLost.Unregister();
        _kernel.Watch.Remove(this);
        _ended.Cancel();
        return true;
    }
}
