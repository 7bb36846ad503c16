import { skbCloned } from '@lastref/kernel';
import { rxrpcInput } from './common.ts';

export const wrong = rxrpcInput('(wrong)', (_k, skb) => skbCloned(skb));
