using Broker.Primitives.Log;
using Broker.Primitives.Tokens;

namespace Broker.Tests.Unit.Primitives.Tokens;

/// <summary>A broker as tokens see it: a log in one order, a quorum queue that counts its deliveries, and publishes whose confirmation may be lost and which may be stored late.</summary>
internal sealed class TokenWorld(Random random)
{
    private readonly List<(TokenOperation Operation, LogPlace Place)> _log = [];
    private readonly List<Token> _ready = [];
    private readonly List<Token> _onTheirWay = [];
    private readonly TokenState _truth = new();
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What one who has read all knows.</summary>
    public TokenView? Truth => TokenView.Of(_truth);

    public int Length => _log.Count;

    public IReadOnlyList<Token> Ready => _ready;

    public object? Append(TokenOperation operation)
    {
        // Clocks differ, and go back.
        _now += TimeSpan.FromMilliseconds(random.Next(-2000, 4000));
        var place = new LogPlace(_log.Count, Guid.Empty, _now, null);
        _log.Add((operation, place));
        return _truth.Apply(operation, place);
    }

    public void Read(TokenState fold, int record) => fold.Apply(_log[record].Operation, _log[record].Place);

    /// <returns>Whether it is confirmed.</returns>
    public bool Publish(long epoch, int permit, bool fail)
    {
        var token = new Token(epoch, permit, 0, 0);
        if (!fail)
            _ready.Add(token);
        else if (random.Next(3) > 0)
            _onTheirWay.Add(token);
        return !fail;
    }

    public void StoreLate()
    {
        _ready.AddRange(_onTheirWay);
        _onTheirWay.Clear();
    }

    public Token? Deliver()
    {
        if (_ready.Count == 0)
            return null;
        var token = _ready[0];
        _ready.RemoveAt(0);
        return token;
    }

    /// <summary>Released, or its holder's connection has ended: counted alike.</summary>
    public void Requeue(Token token) => _ready.Insert(0, token with { Count = token.Count + 1 });
}
