using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>What is recorded of the tokens of a name.</summary>
internal abstract record TokenOperation : Operation
{
    public override PrimitiveState NewState() => new TokenState();
}

/// <summary>Asks to publish the first tokens. The outcome is the epoch to publish under, or 0 where another has asked before.</summary>
internal sealed record SeedTokens(int Permits) : TokenOperation;

/// <summary>All tokens of this epoch are published. The outcome says whether it is the current one.</summary>
internal sealed record TokensSeeded(long Epoch) : TokenOperation;

/// <summary>
/// Asks to publish all tokens anew; those of earlier epochs are void. The outcome is the epoch to publish under, or 0 where the state is not the expected one any more.
/// </summary>
/// <param name="Expected">The epoch that is replaced.</param>
/// <param name="WhenSeeded">Whether its tokens are published; null takes over in both cases, as an operator does.</param>
/// <param name="AtLeast">The smallest new epoch.</param>
internal sealed record TakeOverTokens(long Expected, bool? WhenSeeded, long AtLeast, int Permits) : TokenOperation;

/// <summary>Says who holds a permit. The outcome is whether its epoch is the current one.</summary>
internal sealed record TokenHeld(long Epoch, TokenHolder Holder) : TokenOperation;

/// <summary>Says that a hold has ended.</summary>
internal sealed record TokenReleased(int Permit, long Fence) : TokenOperation;

/// <summary>Who holds a permit.</summary>
internal sealed record TokenHolder(int Permit, long Fence, string Host, int ProcessId, DateTimeOffset Since);
