namespace Broker.Hosting.Deliveries;

/// <summary>What is to be done with a delivery.</summary>
internal enum DeliveryDecision
{
    /// <summary>Run it beside others.</summary>
    Run,

    /// <summary>Run it: nothing else runs in this process, which it may end.</summary>
    RunAlone,

    /// <summary>Send each item to the queue as a job of its own, so that a crasher among them stands alone. Nothing runs here that could interrupt it.</summary>
    Split,

    /// <summary>Send it to the queue of the suspects: nobody holds it until nothing else runs in his process, so that it is never counted out by the crash of another.</summary>
    Quarantine,

    /// <summary>Send it to the queue again: a suspect runs alone here, and its crash would be counted against this job too.</summary>
    Requeue,

    /// <summary>Answer that it was cancelled before it was started.</summary>
    Cancel,

    /// <summary>Answer that its deadline passed before it was started.</summary>
    Expire,

    /// <summary>Dead-letter it: it ends every process that runs it.</summary>
    GiveUp,
}

/// <summary>What is known of a delivery before it runs.</summary>
/// <param name="Crashes">How many earlier deliveries ended with their process, by the broker's own count.</param>
/// <param name="Earlier">How many did so before this message was sent: of the chunk that it was part of, or beside others.</param>
/// <param name="Items">How many items it carries.</param>
/// <param name="Cancelled">Whether the job or its batch was cancelled.</param>
/// <param name="Expired">Whether its deadline has passed.</param>
/// <param name="SuspectRuns">Whether another delivery runs alone in this process, or waits to.</param>
/// <param name="IsAlone">Whether it was taken from the queue of the suspects, while nothing else ran here.</param>
internal readonly record struct DeliveryFacts(long Crashes, int Earlier, int Items, bool Cancelled, bool Expired, bool SuspectRuns, bool IsAlone)
{
    /// <summary>How many processes ended with it.</summary>
    public long AllCrashes => Crashes + Earlier;
}

/// <summary>Decides what is done with a delivery, from facts alone.</summary>
internal static class DeliveryPolicy
{
    /// <summary>From this many crashes on a job is suspect: the third receipt.</summary>
    public const int SuspectAfter = 2;

    /// <summary>After this many crashes it is given up. The queue's own delivery limit lies far above, for that one tells no caller.</summary>
    public const int GiveUpAfter = 6;

    /// <summary>So many of them may be crashes beside others, which may have been the crashers: the rest is its own doing for certain.</summary>
    public const int MostBesideOthers = 3;

    public static DeliveryDecision Decide(in DeliveryFacts facts) => facts switch
    {
        { Cancelled: true } => DeliveryDecision.Cancel,
        { Expired: true } => DeliveryDecision.Expire,
        { IsAlone: true, Items: > 1 } => DeliveryDecision.Split,
        { IsAlone: true, AllCrashes: >= GiveUpAfter } => DeliveryDecision.GiveUp,
        { IsAlone: true } => DeliveryDecision.RunAlone,
        { Crashes: > 0, AllCrashes: >= SuspectAfter } => DeliveryDecision.Quarantine,
        { Crashes: > 0, SuspectRuns: true } => DeliveryDecision.Requeue,
        _ => DeliveryDecision.Run,
    };
}
