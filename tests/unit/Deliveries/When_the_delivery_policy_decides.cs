using Broker.Hosting.Deliveries;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_the_delivery_policy_decides
{
    /// <summary>Crashes, items, expired, a suspect runs alone here; what is done.</summary>
    public static TheoryData<long, int, bool, bool, string> Table => new()
    {
        { 0, 1, false, false, nameof(DeliveryDecision.Run) },
        { 0, 100, false, false, nameof(DeliveryDecision.Run) },
        { 0, 1, false, true, nameof(DeliveryDecision.Run) },
        { 1, 1, false, false, nameof(DeliveryDecision.Run) },
        { 1, 100, false, false, nameof(DeliveryDecision.Run) },
        { 1, 1, false, true, nameof(DeliveryDecision.Requeue) },
        { 1, 100, false, true, nameof(DeliveryDecision.Requeue) },
        { 2, 100, false, false, nameof(DeliveryDecision.Split) },
        { 2, 100, false, true, nameof(DeliveryDecision.Split) },
        { 2, 1, false, false, nameof(DeliveryDecision.RunAlone) },
        { 2, 1, false, true, nameof(DeliveryDecision.Requeue) },
        { 4, 1, false, false, nameof(DeliveryDecision.RunAlone) },
        { 5, 1, false, false, nameof(DeliveryDecision.GiveUp) },
        { 5, 100, false, true, nameof(DeliveryDecision.GiveUp) },
        { 99, 1, false, false, nameof(DeliveryDecision.GiveUp) },
        { 0, 1, true, false, nameof(DeliveryDecision.Expire) },
        { 5, 1, true, true, nameof(DeliveryDecision.Expire) },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_delivery_gets_the_decision_of_the_table(long crashes, int items, bool expired, bool suspectRuns, string decision) =>
        Assert.Equal(decision, DeliveryPolicy.Decide(new DeliveryFacts(crashes, items, Cancelled: false, expired, suspectRuns)).ToString());

    [Theory]
    [MemberData(nameof(Table))]
    public void None_of_them_is_run_where_its_job_is_cancelled(long crashes, int items, bool expired, bool suspectRuns, string otherwise)
    {
        Assert.NotEqual(nameof(DeliveryDecision.Cancel), otherwise);
        Assert.Equal(DeliveryDecision.Cancel, DeliveryPolicy.Decide(new DeliveryFacts(crashes, items, Cancelled: true, expired, suspectRuns)));
    }
}
