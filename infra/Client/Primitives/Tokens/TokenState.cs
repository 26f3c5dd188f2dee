using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>
/// Which epoch's tokens of a name are valid. Who holds one is the queue's to decide; the holders stand here only to be shown.
/// </summary>
internal sealed class TokenState : PrimitiveState
{
    /// <summary>Epochs are at least the seconds since this time, so that they grow although the log was deleted.</summary>
    private static readonly DateTimeOffset Origin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A clock far in the future must not use up the 31 bits of an epoch.</summary>
    private const long MaxSeconds = int.MaxValue - 100_000_000;

    /// <summary>0 where there was no seeding yet.</summary>
    public long Epoch { get; set; }

    /// <summary>Whether all tokens of the epoch are published; before that, none of them may be taken.</summary>
    public bool Seeded { get; set; }

    public int Permits { get; set; }

    /// <summary>When this was changed last, or a holder said that it holds on: by its clock.</summary>
    public DateTimeOffset RecordedAt { get; set; }

    /// <summary>The last known holder of each permit.</summary>
    public SortedDictionary<int, TokenHolder> Holders { get; set; } = [];

    public override object? Apply(Operation operation, in LogPlace place)
    {
        switch (operation)
        {
            case SeedTokens seed:
                return Epoch == 0 ? Begin(seed.Permits, place.At, 0) : 0L;
            case TakeOverTokens take:
                return Epoch == take.Expected && Seeded == (take.WhenSeeded ?? Seeded) ? Begin(take.Permits, place.At, take.AtLeast) : 0L;
            case TokensSeeded seeded when seeded.Epoch == Epoch:
                (Seeded, RecordedAt) = (true, place.At);
                return true;
            case TokenHeld held when held.Epoch == Epoch && Seeded:
                RecordedAt = place.At;
                // Records of two holders may be appended in another order than the grants.
                if (!Holders.TryGetValue(held.Holder.Permit, out var known) || known.Fence <= held.Holder.Fence)
                    Holders[held.Holder.Permit] = held.Holder;
                return true;
            case TokenReleased released when Holders.TryGetValue(released.Permit, out var holder) && holder.Fence == released.Fence:
                return Holders.Remove(released.Permit);
            default:
                return false;
        }
    }

    /// <summary>From when on a name without a state gets a larger epoch than this.</summary>
    public static DateTimeOffset EarliestAfter(long epoch) => Origin.AddSeconds(epoch + 1);

    private long Begin(int permits, DateTimeOffset at, long atLeast)
    {
        var seconds = Math.Clamp((long)(at - Origin).TotalSeconds, 0, MaxSeconds);
        Epoch = Math.Max(Math.Max(Epoch + 1, atLeast), seconds);
        (Seeded, RecordedAt) = (false, at);
        Permits = permits;
        Holders.Clear();
        return Epoch;
    }
}
