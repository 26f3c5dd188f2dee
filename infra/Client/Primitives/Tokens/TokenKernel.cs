using Broker.Connection;
using Broker.Primitives.Log;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Tokens;

/// <summary>
/// The kernel of locks and semaphores. A permit is a message in a quorum queue; who has it delivered and unacknowledged holds it; who dies returns it. It is only ever requeued, never acknowledged
/// and published again, for between these two steps a crash would leave none or two. The queue counts its deliveries, which makes the fence.
/// </summary>
internal sealed class TokenKernel : IAsyncDisposable
{
    /// <summary>How long the first look may take where the caller's own timeout is shorter: a try must not fail because it was the first use of a connection.</summary>
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>What the end waits for: closing channels, and records that holds have ended.</summary>
    private static readonly TimeSpan BackgroundLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan OneEpoch = TimeSpan.FromSeconds(1);

    private readonly PrimitiveLink _link;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private Task _background = Task.CompletedTask;

    /// <param name="link">Its connections.</param>
    /// <param name="primitives">The log that has the epochs.</param>
    /// <param name="seedingLimit">How long a seeder may take before another takes over; null for half a minute.</param>
    public TokenKernel(PrimitiveLink link, PrimitiveLog primitives, TimeProvider clock, ILogger log, TimeSpan? seedingLimit = null)
    {
        (_link, Log, Clock, _log) = (link, primitives, clock, log);
        Channels = new TokenChannels(link);
        Watch = new TokenWatch(link, clock, _closing.Token);
        Epochs = new TokenEpochs(primitives, new TokenSeeds(link, log), clock, _closing.Token) { SeedingLimit = seedingLimit ?? TimeSpan.FromSeconds(30) };
    }

    public PrimitiveLog Log { get; }

    public TimeProvider Clock { get; }

    public TokenChannels Channels { get; }

    public TokenWatch Watch { get; }

    public TokenEpochs Epochs { get; }

    /// <summary>Takes permits, all or none.</summary>
    /// <param name="set">Of which name.</param>
    /// <param name="wanted">How many.</param>
    /// <param name="timeout">How long to wait; zero looks once. A look may take some seconds longer than a short timeout.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if they were not free in time.</returns>
    /// <exception cref="InvalidOperationException">The name is in use with another number of permits.</exception>
    /// <exception cref="BrokerUnavailableException">The broker refuses us, or it was away at the end of the timeout.</exception>
    public async Task<TokenHold?> TakeAsync(TokenSet set, int wanted, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var wait = new TokenWait(timeout, LookLimit, Clock, cancellationToken);
        BrokerUnavailableException? away = null;
        while (true)
        {
            try
            {
                if (away is not null)
                    await Task.Delay(RetryDelay, Clock, wait.Token);
                away = null;
                return await TakeAsync(set, wanted, wait);
            }
            catch (QueueMissingException)
            {
                // Seeded anew by whoever was first.
            }
            catch (BrokerUnavailableException e) when (e.CanRetry && timeout != TimeSpan.Zero)
            {
                away = e;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && wait.IsOver)
            {
                if (wait.HasLooked && away is null)
                    return null;
                throw away ?? new BrokerUnavailableException($"{set} could not be looked at in time: {_link.Cause ?? "RabbitMQ did not answer, or another process is about to create it"}");
            }
        }
    }

    /// <summary>Who holds permits, as far as it is recorded: who has held one for a second or longer.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public async Task<IReadOnlyList<TokenHolder>> HoldersAsync(TokenSet set, CancellationToken cancellationToken)
    {
        var holders = await Log.LookAsync<TokenState, IReadOnlyList<TokenHolder>>(set.Key, static state => [.. state?.Holders.Values ?? Enumerable.Empty<TokenHolder>()], consistent: true, cancellationToken);
        // One that was killed could not say that its hold had ended.
        return await CountAsync(set, cancellationToken) is var (ready, _) && ready >= set.Permits ? [] : holders;
    }

    /// <summary>How many permits are free, and how many have or await some: the queue counts them alike.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public async Task<(int Free, int Consumers)> CountAsync(TokenSet set, CancellationToken cancellationToken)
    {
        var connection = await _link.HoldingAsync(cancellationToken);
        try
        {
            var queue = await connection.WithChannelAsync(channel => channel.QueueDeclarePassiveAsync(set.Queue, cancellationToken), cancellationToken);
            return ((int)queue.MessageCount, (int)queue.ConsumerCount);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == RabbitMQ.Client.Constants.NotFound)
        {
            // It was not used yet.
            return (set.Permits, 0);
        }
    }

    /// <summary>Removes a name with its queue. Who holds a permit is told that it is lost; who comes then begins anew.</summary>
    /// <returns>Whether it was in use.</returns>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public async Task<bool> RemoveAsync(TokenSet set, CancellationToken cancellationToken)
    {
        // An epoch of the same second would have the same number.
        if (await Epochs.LookAsync(set, consistent: true, cancellationToken) is { } view && TokenState.EarliestAfter(view.Epoch) - Clock.GetUtcNow() is var early && early > TimeSpan.Zero && early <= OneEpoch)
            await Task.Delay(early, Clock, cancellationToken);
        // First in the log: who finds the queue gone then does not take its epoch over.
        var known = await Log.RemoveAsync(set.Key, cancellationToken);
        var connection = await _link.HoldingAsync(cancellationToken);
        await connection.WithChannelAsync(channel => channel.QueueDeleteAsync(set.Queue, ifUnused: false, ifEmpty: false, noWait: false, cancellationToken), cancellationToken);
        return known;
    }

    /// <summary>For what nobody waits for, until the end.</summary>
    public void InBackground(Task task)
    {
        lock (_lock)
            _background = _background.IsCompleted ? task : Task.WhenAll(_background, task);
    }

    public void OnLost(TokenHold hold) => _log.LogWarning("{Set}, number {Fence}, is lost: {Reason}", hold.Set, hold.Fence, hold.LostReason);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Task background;
        lock (_lock)
            background = _background;
        await background.WaitAsync(BackgroundLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Channels.DisposeAsync();
    }

    private async Task<TokenHold?> TakeAsync(TokenSet set, int wanted, TokenWait wait)
    {
        var known = await Epochs.SeededAsync(set, wait.Token);
        var channel = await Channels.RentAsync(wait.Token);
        var passedOn = false;
        try
        {
            var take = new TokenTake(channel, set.Queue, wanted, (token, cancellationToken) => Epochs.JudgeAsync(set, token, cancellationToken));
            // Many at once are had sooner by subscribing than by asking for one after the other.
            if (wanted > 1 && !wait.LooksOnce ? !await SubscribeAsync(take, wait) : !await take.GetAsync(wait.Token) && !(wait.MayGoOn() && await SubscribeAsync(take, wait)))
            {
                // Nothing is on it, nor will be.
                if (passedOn = take.IsUnused)
                    await Channels.ReturnAsync(channel);
                return null;
            }

            var hold = TokenHold.Begin(this, set, channel, take.Taken);
            passedOn = true;
            return await NotForgottenAsync(hold, known, wait);
        }
        catch (QueueMissingException)
        {
            await Epochs.ReplaceAsync(set, known.Epoch, wait.Token);
            throw;
        }
        finally
        {
            if (!passedOn)
                await channel.DisposeAsync();
        }
    }

    private static async Task<bool> SubscribeAsync(TokenTake take, TokenWait wait)
    {
        await take.SubscribeAsync(wait.Token);
        if (!wait.MayGoOn())
            return false;
        await take.CollectAsync(wait.Token);
        return true;
    }

    /// <summary>A name that is used for short holds alone must not be forgotten by the log: it would be seeded anew under a holder.</summary>
    private async Task<TokenHold> NotForgottenAsync(TokenHold hold, TokenView known, TokenWait wait)
    {
        if (Clock.GetUtcNow() - known.RecordedAt < HoldRecord.Interval)
            return hold;
        try
        {
            if (await hold.RecordAsync(wait.Token))
                return hold;
            throw new BrokerUnavailableException($"{hold.Set} was forgotten, and is seeded anew");
        }
        catch
        {
            await hold.ReleaseAsync();
            throw;
        }
    }
}
