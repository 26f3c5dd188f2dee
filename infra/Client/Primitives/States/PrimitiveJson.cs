using System.Text.Json.Serialization;
using Broker.Contracts.Messages;

namespace Broker.Primitives.States;

/// <summary>How operations and states are written. Their names and fields are read by other versions: fields may be added, with a default, and are never renamed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    MaxDepth = MessageJson.MaxDepth)]
[JsonSerializable(typeof(EventSet))]
[JsonSerializable(typeof(EventClear))]
[JsonSerializable(typeof(EventLook))]
[JsonSerializable(typeof(EventState))]
[JsonSerializable(typeof(ConditionWait))]
[JsonSerializable(typeof(ConditionNotify))]
[JsonSerializable(typeof(ConditionCancel))]
[JsonSerializable(typeof(ConditionState))]
[JsonSerializable(typeof(BarrierArrive))]
[JsonSerializable(typeof(BarrierOpen))]
[JsonSerializable(typeof(BarrierBreak))]
[JsonSerializable(typeof(BarrierReset))]
[JsonSerializable(typeof(BarrierState))]
[JsonSerializable(typeof(CounterGive))]
[JsonSerializable(typeof(CounterTake))]
[JsonSerializable(typeof(CounterLeave))]
[JsonSerializable(typeof(CounterPass))]
[JsonSerializable(typeof(CounterState))]
[JsonSerializable(typeof(ValueSet))]
[JsonSerializable(typeof(ValueAdd))]
[JsonSerializable(typeof(ValueState))]
[JsonSerializable(typeof(ArraySet))]
[JsonSerializable(typeof(ArrayAdd))]
[JsonSerializable(typeof(ArrayState))]
[JsonSerializable(typeof(DictionarySet))]
[JsonSerializable(typeof(DictionaryUpdate))]
[JsonSerializable(typeof(DictionaryAdd))]
[JsonSerializable(typeof(DictionaryRemove))]
[JsonSerializable(typeof(DictionaryPopLast))]
[JsonSerializable(typeof(DictionaryClear))]
[JsonSerializable(typeof(DictionaryState))]
[JsonSerializable(typeof(ListSplice))]
[JsonSerializable(typeof(ListRemove))]
[JsonSerializable(typeof(ListState))]
[JsonSerializable(typeof(QueueReserve))]
[JsonSerializable(typeof(QueueLeave))]
[JsonSerializable(typeof(QueuePass))]
[JsonSerializable(typeof(QueueStored))]
[JsonSerializable(typeof(QueueGiveUp))]
[JsonSerializable(typeof(QueueTaken))]
[JsonSerializable(typeof(QueueDone))]
[JsonSerializable(typeof(QueueClose))]
[JsonSerializable(typeof(QueueReopen))]
[JsonSerializable(typeof(QueueState))]
internal sealed partial class PrimitiveJson : JsonSerializerContext;
