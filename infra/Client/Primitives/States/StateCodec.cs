using Broker.Primitives.Log;

namespace Broker.Primitives.States;

/// <summary>The names in the log.</summary>
internal static class StateCodec
{
    /// <summary>Adds the operations and states of this folder.</summary>
    public static OperationCodec AddStates(this OperationCodec codec)
    {
        var json = PrimitiveJson.Default;
        return codec
            .Add("event.set", json.EventSet).Add("event.clear", json.EventClear).Add("event.look", json.EventLook).Add("event", json.EventState)
            .Add("condition.wait", json.ConditionWait).Add("condition.notify", json.ConditionNotify).Add("condition.cancel", json.ConditionCancel).Add("condition", json.ConditionState)
            .Add("barrier.arrive", json.BarrierArrive).Add("barrier.open", json.BarrierOpen).Add("barrier.break", json.BarrierBreak).Add("barrier.reset", json.BarrierReset).Add("barrier", json.BarrierState)
            .Add("counter.give", json.CounterGive).Add("counter.take", json.CounterTake).Add("counter.leave", json.CounterLeave).Add("counter.pass", json.CounterPass).Add("counter", json.CounterState)
            .Add("value.set", json.ValueSet).Add("value.add", json.ValueAdd).Add("value", json.ValueState)
            .Add("array.set", json.ArraySet).Add("array.add", json.ArrayAdd).Add("array", json.ArrayState)
            .Add("dict.set", json.DictionarySet).Add("dict.update", json.DictionaryUpdate).Add("dict.add", json.DictionaryAdd).Add("dict.remove", json.DictionaryRemove)
            .Add("dict.pop-last", json.DictionaryPopLast).Add("dict.clear", json.DictionaryClear).Add("dict", json.DictionaryState)
            .Add("list.splice", json.ListSplice).Add("list.remove", json.ListRemove).Add("list", json.ListState)
            .Add("queue.reserve", json.QueueReserve).Add("queue.leave", json.QueueLeave).Add("queue.pass", json.QueuePass).Add("queue.stored", json.QueueStored)
            .Add("queue.give-up", json.QueueGiveUp).Add("queue.taken", json.QueueTaken).Add("queue.done", json.QueueDone).Add("queue.close", json.QueueClose)
            .Add("queue.reopen", json.QueueReopen).Add("queue", json.QueueState);
    }
}
