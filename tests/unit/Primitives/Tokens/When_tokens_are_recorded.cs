using Broker.Primitives.Log;
using Broker.Primitives.Tokens;

namespace Broker.Tests.Unit.Primitives.Tokens;

public sealed class When_tokens_are_recorded
{
    private static readonly DateTimeOffset Origin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TokenState _state = new();
    private DateTimeOffset _at = Origin.AddSeconds(1000);

    [Fact]
    public void The_first_who_asks_seeds_and_the_others_do_not()
    {
        Assert.Null(TokenView.Of(_state));
        Assert.Equal(1000L, Apply(new SeedTokens(3)));
        Assert.Equal(0L, Apply(new SeedTokens(3)));
        Assert.Equal(new TokenView(1000, Seeded: false, 3, _at), TokenView.Of(_state));
        Assert.Equal(true, Apply(new TokensSeeded(1000)));
        Assert.Equal(0L, Apply(new SeedTokens(3)));
        Assert.Equal(new TokenView(1000, Seeded: true, 3, _at), TokenView.Of(_state));
    }

    [Fact]
    public void An_epoch_is_taken_over_once_and_only_as_it_is_expected()
    {
        Apply(new SeedTokens(1));
        Assert.Equal(0L, Apply(new TakeOverTokens(1000, WhenSeeded: true, 0, 1)));
        Assert.Equal(0L, Apply(new TakeOverTokens(999, WhenSeeded: false, 0, 1)));
        Assert.Equal(1001L, Apply(new TakeOverTokens(1000, WhenSeeded: false, 0, 1)));
        Assert.Equal(0L, Apply(new TakeOverTokens(1000, WhenSeeded: false, 0, 1)));
        // Who was too slow learns it when it has finished.
        Assert.Equal(false, Apply(new TokensSeeded(1000)));
        Assert.False(_state.Seeded);
        Apply(new TokensSeeded(1001));
        Assert.Equal(0L, Apply(new TakeOverTokens(1001, WhenSeeded: false, 0, 1)));
        Assert.Equal(1002L, Apply(new TakeOverTokens(1001, WhenSeeded: null, 0, 5)));
        Assert.Equal(new TokenView(1002, Seeded: false, 5, _at), TokenView.Of(_state));
        Assert.Equal(1003L, Apply(new TakeOverTokens(1002, WhenSeeded: null, 0, 5)));
    }

    [Fact]
    public void An_epoch_is_larger_than_those_of_a_log_that_is_gone()
    {
        _at = Origin.AddSeconds(5000);
        Assert.Equal(5000L, Apply(new SeedTokens(1)));
        _at = Origin.AddSeconds(7000);
        Assert.Equal(7000L, Apply(new TakeOverTokens(5000, WhenSeeded: false, 0, 1)));
        // A clock that goes back.
        _at = Origin.AddSeconds(1);
        Assert.Equal(7001L, Apply(new TakeOverTokens(7000, WhenSeeded: false, 0, 1)));
        // A token of a later epoch was seen.
        Assert.Equal(9000L, Apply(new TakeOverTokens(7001, WhenSeeded: false, 9000, 1)));
    }

    [Theory]
    [InlineData(1970)]
    [InlineData(2019)]
    [InlineData(9999)]
    public void A_clock_that_is_wrong_leaves_room_for_epochs(int year)
    {
        _at = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var epoch = Assert.IsType<long>(Apply(new SeedTokens(1)));
        Assert.InRange(epoch, 1, int.MaxValue - 1_000_000);
        Assert.True(new Token(epoch, 0, 0, 0).Fence > 0);
    }

    [Fact]
    public void The_last_holder_of_each_permit_is_known()
    {
        Apply(new SeedTokens(2));
        Assert.Equal(false, Apply(new TokenHeld(1000, Holder(0, 1))));
        Apply(new TokensSeeded(1000));
        Assert.Equal(true, Apply(new TokenHeld(1000, Holder(0, 2))));
        Assert.Equal(true, Apply(new TokenHeld(1000, Holder(1, 1))));
        // An earlier holder's record comes late.
        Assert.Equal(true, Apply(new TokenHeld(1000, Holder(0, 1))));
        Assert.Equal([2L, 1L], _state.Holders.Values.Select(holder => holder.Fence));
        Assert.Equal(false, Apply(new TokenReleased(0, 1)));
        Assert.Equal(true, Apply(new TokenReleased(0, 2)));
        Assert.Equal([1], _state.Holders.Keys);
        Assert.Equal(false, Apply(new TokenHeld(999, Holder(0, 9))));
        Apply(new TakeOverTokens(1000, WhenSeeded: null, 0, 2));
        Assert.Empty(_state.Holders);
    }

    [Fact]
    public void A_holder_whose_name_was_forgotten_learns_it() => Assert.Equal(false, Apply(new TokenHeld(1000, Holder(0, 1))));

    [Fact]
    public void The_state_comes_back_from_a_snapshot()
    {
        var codec = TokenJson.AddTo(new OperationCodec());
        Apply(new SeedTokens(2));
        Apply(new TokensSeeded(1000));
        Apply(new TokenHeld(1000, Holder(1, 5)));
        var (name, body) = codec.Write(_state);
        var read = Assert.IsType<TokenState>(codec.Read<PrimitiveState>(name, body));
        Assert.Equal(TokenView.Of(_state), TokenView.Of(read));
        Assert.Equal(_state.Holders, read.Holders);
        foreach (var operation in new TokenOperation[] { new SeedTokens(2), new TokensSeeded(3), new TakeOverTokens(4, null, 5, 6), new TakeOverTokens(4, true, 5, 6), new TokenHeld(7, Holder(1, 2)), new TokenReleased(8, 9) })
        {
            (name, body) = codec.Write(operation);
            Assert.Equal(operation, codec.Read<Operation>(name, body));
        }
    }

    private static TokenHolder Holder(int permit, long fence) => new(permit, fence, "host", 1, Origin);

    private object? Apply(TokenOperation operation) => _state.Apply(operation, new LogPlace(0, Guid.Empty, _at, null));
}
