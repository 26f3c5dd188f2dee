using Broker.Primitives.Tokens;

namespace Broker.Tests.Unit.Primitives.Tokens;

/// <summary>A client, which does one thing at a time by the kernel's rules, knows the log up to some record, and may die between any two things.</summary>
internal sealed class TokenActor(TokenWorld world, Random random, int permits)
{
    private TokenState _fold = new();
    private int _read;
    private (long Epoch, int Next)? _seeding;
    private Token? _delivered;

    /// <summary>What it holds; null while it holds nothing.</summary>
    public Token? Held { get; private set; }

    private TokenView? View => TokenView.Of(_fold);

    /// <summary>Does the next thing.</summary>
    /// <returns>The token that it has just come to hold.</returns>
    public Token? Step()
    {
        if (random.Next(3) > 0)
            Read(random.Next(3));
        if (Held is { } held)
        {
            if (View?.Epoch != held.Epoch || random.Next(4) == 0)
                Release();
            return null;
        }

        if (_seeding is { } seeding)
            Seed(seeding);
        else if (View is not { } view)
            Claim(new SeedTokens(permits));
        else if (!view.Seeded)
            Wait(view);
        else if ((_delivered ??= world.Deliver()) is { } token)
            return Judge(view, token);
        return null;
    }

    /// <summary>Its process ends. What it had delivered goes back; another comes, which reads the log from its beginning.</summary>
    public void Die()
    {
        Release();
        if (_delivered is { } token)
            world.Requeue(token);
        (_delivered, _seeding, _fold, _read) = (null, null, new TokenState(), 0);
    }

    public void Break()
    {
        Read(world.Length);
        if (View is { } view)
            Claim(new TakeOverTokens(view.Epoch, WhenSeeded: null, 0, permits));
    }

    private void Release()
    {
        if (Held is { } held)
            world.Requeue(held);
        Held = null;
    }

    private Token? Judge(TokenView view, Token token)
    {
        switch (view.Judge(token))
        {
            case TokenUse.Ahead:
                Read(world.Length);
                Assert.True(View!.Epoch >= token.Epoch, "a token whose seeding is not in the log");
                return null;
            case TokenUse.Destroy:
                _delivered = null;
                return null;
            default:
                (Held, _delivered) = (token, null);
                return token;
        }
    }

    /// <summary>Another seeds; sometimes for too long.</summary>
    private void Wait(TokenView view)
    {
        if (random.Next(20) == 0)
            Claim(new TakeOverTokens(view.Epoch, WhenSeeded: false, 0, permits));
        else
            Read(1);
    }

    private void Seed((long Epoch, int Next) seeding)
    {
        if (seeding.Next == permits)
        {
            world.Append(new TokensSeeded(seeding.Epoch));
            _seeding = null;
            Read(world.Length);
        }
        else if (world.Publish(seeding.Epoch, seeding.Next, fail: random.Next(15) == 0))
        {
            _seeding = (seeding.Epoch, seeding.Next + 1);
        }
        else
        {
            Claim(new TakeOverTokens(seeding.Epoch, WhenSeeded: false, 0, permits));
        }
    }

    /// <summary>An append is read back, so its outcome is that of the log's order.</summary>
    private void Claim(TokenOperation claim)
    {
        var outcome = world.Append(claim);
        Read(world.Length);
        _seeding = outcome is long epoch and > 0 ? (epoch, 0) : null;
    }

    private void Read(int records)
    {
        for (; records > 0 && _read < world.Length; records--)
            world.Read(_fold, _read++);
    }
}
