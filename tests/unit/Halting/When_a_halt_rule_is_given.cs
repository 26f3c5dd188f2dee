using Broker.Producer.Cli.Commands.Job;

namespace Broker.Tests.Unit.Halting;

public sealed class When_a_halt_rule_is_given
{
    [Theory]
    [InlineData("now,fail=1", true, HaltCount.Failed, 1, false)]
    [InlineData("soon,success=30", false, HaltCount.Succeeded, 30, false)]
    [InlineData("soon,done=100%", false, HaltCount.Done, 100, true)]
    [InlineData("1", false, HaltCount.Failed, 1, false)]
    [InlineData("2", true, HaltCount.Failed, 1, false)]
    [InlineData("-1", false, HaltCount.Succeeded, 1, false)]
    [InlineData("-2", true, HaltCount.Succeeded, 1, false)]
    [InlineData("7%", false, HaltCount.Failed, 7, true)]
    internal void It_means_what_it_means_to_GNU_parallel(string text, bool now, HaltCount counts, int limit, bool percentage)
    {
        Assert.True(HaltRule.TryParse(text, out var rule));
        Assert.Equal((now, counts, limit, percentage), (rule!.Now, rule.Counts, rule.Limit, rule.IsPercentage));
    }

    [Theory]
    [InlineData("never")]
    [InlineData("0")]
    public void It_may_say_that_nothing_halts(string text)
    {
        Assert.True(HaltRule.TryParse(text, out var rule));
        Assert.Null(rule);
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("later,fail=1")]
    [InlineData("now,fail")]
    [InlineData("now,fails=1")]
    [InlineData("now,fail=0")]
    [InlineData("now,fail=-1")]
    [InlineData("now,fail=101%")]
    [InlineData("now,fail=1.5")]
    [InlineData("now,fail=99999999999")]
    [InlineData("NOW,fail=1")]
    [InlineData("now,fail=1\n")]
    public void One_that_is_none_is_refused(string text) => Assert.False(HaltRule.TryParse(text, out _));

    [Theory]
    [InlineData("now,fail=2", 9, 1, false)]
    [InlineData("now,fail=2", 2, 2, true)]
    [InlineData("now,success=2", 4, 3, false)]
    [InlineData("now,success=2", 5, 3, true)]
    [InlineData("now,done=3", 2, 2, false)]
    [InlineData("now,done=3", 3, 0, true)]
    [InlineData("now,fail=3%", 200, 2, false)]
    [InlineData("now,fail=3%", 200, 3, true)]
    [InlineData("now,success=100%", 100, 1, false)]
    [InlineData("now,success=100%", 100, 0, true)]
    public void It_is_reached_by_what_it_counts_of_a_hundred_items(string text, long done, long failed, bool reached)
    {
        Assert.True(HaltRule.TryParse(text, out var rule));
        Assert.Equal(reached, rule!.IsReached(done, failed, total: 100));
    }

    [Theory]
    [InlineData("now,done=1%", false)]
    [InlineData("now,done=1", true)]
    public void A_percentage_of_an_unknown_number_is_not_reached(string text, bool reached)
    {
        Assert.True(HaltRule.TryParse(text, out var rule));
        Assert.Equal(reached, rule!.IsReached(1000, 0, total: null));
    }

    [Fact]
    public void A_percentage_of_nothing_is_not_reached()
    {
        Assert.True(HaltRule.TryParse("now,fail=1%", out var rule));
        Assert.False(rule!.IsReached(10, 0, total: 0));
    }
}
