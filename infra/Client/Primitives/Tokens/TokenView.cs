namespace Broker.Primitives.Tokens;

/// <summary>What a client knows of the tokens of a name: a copy of the fold's state.</summary>
internal sealed record TokenView(long Epoch, bool Seeded, int Permits, DateTimeOffset RecordedAt)
{
    /// <summary>Null where nothing was seeded, or it is forgotten.</summary>
    public static TokenView? Of(TokenState? state) => state is { Epoch: > 0 } known ? new TokenView(known.Epoch, known.Seeded, known.Permits, known.RecordedAt) : null;

    /// <summary>What becomes of a token that was delivered to one who knows this of a seeded epoch. Until it is seeded an epoch may be replaced, so none of its tokens is taken.</summary>
    public TokenUse Judge(Token token) =>
        token.Epoch > Epoch ? TokenUse.Ahead
        : token.Epoch == Epoch && token.Permit < Permits ? TokenUse.Take
        : TokenUse.Destroy;
}

internal enum TokenUse
{
    Take,

    /// <summary>Acknowledge it: it is of an epoch that was replaced.</summary>
    Destroy,

    /// <summary>It is of an epoch that the client has not heard of.</summary>
    Ahead,
}
