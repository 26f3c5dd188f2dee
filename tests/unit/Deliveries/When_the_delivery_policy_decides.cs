using Broker.Hosting.Deliveries;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_the_delivery_policy_decides
{
    /// <summary>Crashes, earlier crashes, items, expired, a suspect runs alone here, alone; what is done.</summary>
    public static TheoryData<long, int, int, bool, bool, bool, string> Table => new()
    {
        { 0, 0, 1, false, false, false, nameof(DeliveryDecision.Run) },
        { 0, 0, 100, false, false, false, nameof(DeliveryDecision.Run) },
        { 0, 0, 1, false, true, false, nameof(DeliveryDecision.Run) },
        { 1, 0, 1, false, false, false, nameof(DeliveryDecision.Run) },
        { 1, 0, 100, false, false, false, nameof(DeliveryDecision.Run) },
        { 1, 0, 1, false, true, false, nameof(DeliveryDecision.Requeue) },
        { 1, 0, 100, false, true, false, nameof(DeliveryDecision.Requeue) },
        { 2, 0, 100, false, false, false, nameof(DeliveryDecision.Quarantine) },
        { 2, 0, 100, false, true, false, nameof(DeliveryDecision.Quarantine) },
        { 0, 2, 100, false, true, true, nameof(DeliveryDecision.Split) },
        // A chunk is never given up, however many crashes it was beside.
        { 99, 3, 100, false, true, true, nameof(DeliveryDecision.Split) },
        { 2, 0, 1, false, false, false, nameof(DeliveryDecision.Quarantine) },
        { 2, 0, 1, false, true, false, nameof(DeliveryDecision.Quarantine) },
        // Nor is a job that others may have taken with them.
        { 99, 0, 1, false, false, false, nameof(DeliveryDecision.Quarantine) },
        // The items of a chunk that was split run beside others once.
        { 0, 2, 1, false, false, false, nameof(DeliveryDecision.Run) },
        { 0, 2, 1, false, true, false, nameof(DeliveryDecision.Run) },
        { 1, 2, 1, false, false, false, nameof(DeliveryDecision.Quarantine) },
        { 0, 2, 1, false, true, true, nameof(DeliveryDecision.RunAlone) },
        { 3, 2, 1, false, true, true, nameof(DeliveryDecision.RunAlone) },
        { 4, 2, 1, false, true, true, nameof(DeliveryDecision.GiveUp) },
        { 2, 3, 1, false, true, true, nameof(DeliveryDecision.RunAlone) },
        { 3, 3, 1, false, true, true, nameof(DeliveryDecision.GiveUp) },
        { 0, 0, 1, true, false, false, nameof(DeliveryDecision.Expire) },
        { 5, 3, 1, true, true, true, nameof(DeliveryDecision.Expire) },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_delivery_gets_the_decision_of_the_table(long crashes, int earlier, int items, bool expired, bool suspectRuns, bool alone, string decision) =>
        Assert.Equal(decision, DeliveryPolicy.Decide(new DeliveryFacts(crashes, earlier, items, Cancelled: false, expired, suspectRuns, alone)).ToString());

    [Theory]
    [MemberData(nameof(Table))]
    public void None_of_them_is_run_where_its_job_is_cancelled(long crashes, int earlier, int items, bool expired, bool suspectRuns, bool alone, string otherwise)
    {
        Assert.NotEqual(nameof(DeliveryDecision.Cancel), otherwise);
        Assert.Equal(DeliveryDecision.Cancel, DeliveryPolicy.Decide(new DeliveryFacts(crashes, earlier, items, Cancelled: true, expired, suspectRuns, alone)));
    }
}
