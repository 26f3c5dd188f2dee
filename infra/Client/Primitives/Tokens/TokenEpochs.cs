using Broker.Connection;
using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>
/// Sees to it that a name's tokens are published once: whose record comes first in the log publishes them, under an epoch that is recorded when all are there. Tokens of an epoch that is
/// not complete are never taken, so a seeder that dies, or does not know what it published, is followed by another under a new epoch without anybody losing a hold.
/// </summary>
internal sealed class TokenEpochs(PrimitiveLog log, TokenSeeds seeds, TimeProvider clock, CancellationToken closing)
{
    private static readonly object Changed = new();

    /// <summary>How long a seeder may take before another takes over.</summary>
    public TimeSpan SeedingLimit { get; init; } = TimeSpan.FromSeconds(30);

    public Task<TokenView?> LookAsync(TokenSet set, bool consistent, CancellationToken cancellationToken) =>
        log.LookAsync<TokenState, TokenView?>(set.Key, TokenView.Of, consistent, cancellationToken);

    /// <summary>What is known of a seeded epoch; seeds where there is none.</summary>
    /// <exception cref="InvalidOperationException">The name is in use with another number of permits.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public async Task<TokenView> SeededAsync(TokenSet set, CancellationToken cancellationToken)
    {
        while (true)
        {
            var view = await LookAsync(set, consistent: false, cancellationToken);
            if (view is null)
            {
                await SeedAsync(set, new SeedTokens(set.Permits), cancellationToken);
                continue;
            }

            if (view.Permits != set.Permits)
                throw new InvalidOperationException($"{set} is in use with {view.Permits} permits, not {set.Permits}: all who use a name give the same number");
            if (view.Seeded)
                return view;
            if (!await ChangesAsync(set, view, cancellationToken))
                await SeedAsync(set, new TakeOverTokens(view.Epoch, WhenSeeded: false, AtLeast: 0, set.Permits), cancellationToken);
        }
    }

    /// <summary>Decides what becomes of a delivered token.</summary>
    public async Task<TokenUse> JudgeAsync(TokenSet set, Token token, CancellationToken cancellationToken)
    {
        for (var consistent = false; ; consistent = true)
        {
            var view = await SeededAsync(set, cancellationToken);
            var use = view.Judge(token);
            if (use != TokenUse.Ahead)
                return use;
            if (!consistent)
                await LookAsync(set, consistent: true, cancellationToken);
            else
                // Its seeding was recorded before it was published, and is in the log no more: the broker has lost records.
                await SeedAsync(set, new TakeOverTokens(view.Epoch, WhenSeeded: true, token.Epoch + 1, set.Permits), cancellationToken);
        }
    }

    /// <summary>Seeds anew in place of a seeded epoch, of which the queue is gone. Nothing happens where another has done so already.</summary>
    public Task ReplaceAsync(TokenSet set, long epoch, CancellationToken cancellationToken) =>
        SeedAsync(set, new TakeOverTokens(epoch, WhenSeeded: true, AtLeast: 0, set.Permits), cancellationToken);

    /// <summary>Seeds anew whatever there is.</summary>
    /// <returns>Whether there was anything.</returns>
    public async Task<bool> BreakAsync(TokenSet set, CancellationToken cancellationToken)
    {
        if (await LookAsync(set, consistent: true, cancellationToken) is not { } view)
            return false;
        await SeedAsync(set, new TakeOverTokens(view.Epoch, WhenSeeded: null, AtLeast: 0, set.Permits), cancellationToken);
        return true;
    }

    /// <summary>Not ended with the caller's wait: others may wait for the seeding that it began.</summary>
    private Task SeedAsync(TokenSet set, TokenOperation claim, CancellationToken cancellationToken) =>
        CallerContext.RunOutsideAsync(() => SeedAsync(set, claim)).WaitAsync(cancellationToken);

    private async Task SeedAsync(TokenSet set, TokenOperation claim)
    {
        while (true)
        {
            // First, so that who cannot publish claims nothing.
            await using var channel = await seeds.PrepareAsync(set, closing);
            if (await log.ApplyAsync(set.Key, claim, fence: null, closing) is not (long epoch and > 0))
                return;
            if (await seeds.TryPublishAsync(channel, set, epoch))
            {
                await log.ApplyAsync(set.Key, new TokensSeeded(epoch), fence: null, closing);
                return;
            }

            claim = new TakeOverTokens(epoch, WhenSeeded: false, AtLeast: 0, set.Permits);
        }
    }

    /// <summary>Waits for another's seeding; false where nothing comes of it. Clocks that differ only make the wait too short, and a seeding that is taken over harms nobody.</summary>
    private async Task<bool> ChangesAsync(TokenSet set, TokenView seen, CancellationToken cancellationToken)
    {
        // From its record on, not from now: callers that wait a short time each must come to an end too.
        var remaining = SeedingLimit - (clock.GetUtcNow() - seen.RecordedAt);
        if (remaining <= TimeSpan.Zero)
            return false;
        using var limit = new CancellationTokenSource(remaining < SeedingLimit ? remaining : SeedingLimit, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await log.UntilAsync<TokenState, object>(set.Key, state => TokenView.Of(state) is { Seeded: false } now && now.Epoch == seen.Epoch ? null : Changed, end.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
